// The 40 types: found by any word of their names, department or id.
import { $ } from "/assets/client.js";

const rows = [...document.querySelectorAll("#types > li")];

function find() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const row of rows) {
    row.hidden = !words.every((word) => row.dataset.words.includes(word));
    found += !row.hidden;
  }
  $("count").textContent = found;
  $("nothing").hidden = found > 0;
}

$("search").addEventListener("input", find);
if (location.hash) document.querySelector(`${CSS.escape(location.hash).replace("\\#", "#")} details`)?.setAttribute("open", "");
