// A holder's certificates: choose fields, show a code that renews itself every minute, see who saw what.
import { $, age, ask, complain, content, element, facts, hue, signIn, twoTongues, valueNode } from "/assets/client.js";

const WORDS = {
  issued: ["有效", "valid", ""], in_date: ["有效期内", "in date", ""], not_yet: ["尚未生效", "not yet in force", "unknown"], suspended: ["暂扣", "suspended", "unknown"], revoked: ["已吊销", "revoked", "invalid"],
  cancelled: ["已注销", "cancelled", "invalid"], replaced: ["已变更", "replaced", "invalid"], expired: ["已失效", "expired", "invalid"],
};
let open = null;
let ticking = null;

async function enter() {
  const { certificates } = await ask("/v1/wallet/certificates");
  $("loading").hidden = true;
  $("nothing").hidden = certificates.length > 0;
  $("cards").replaceChildren(...certificates.map(card));
}

function card(certificate) {
  const made = $("card").content.firstElementChild.cloneNode(true);
  const button = made.querySelector("button");
  const [zh, en, tone] = WORDS[certificate.state] || ["状态未知", "unknown", "unknown"];
  button.style.setProperty("--hue", hue(certificate.type_id));
  button.querySelector("b").textContent = certificate.name_zh;
  button.querySelector("small").textContent = certificate.name_en;
  button.querySelector(".meta").textContent = certificate.issuing_authority_name || "";
  button.querySelector(".badge").className = `badge ${tone}`;
  button.querySelector(".badge").textContent = `${zh} ${en}`;
  button.addEventListener("click", () => choose(certificate));
  return made;
}

async function choose(held) {
  let certificate;
  try {
    content();
    certificate = await ask(`/v1/wallet/certificates/${encodeURIComponent(held.credential_id)}`);
  } catch (error) {
    return complain(error);
  }
  open = certificate;
  $("show-title").replaceChildren(...twoTongues(certificate.name_zh, certificate.name_en).childNodes);
  facts($("always"), certificate.fields.filter((field) => !field.selective));
  $("selective").replaceChildren(...certificate.fields.filter((field) => field.selective).map(choice));
  count();
  chooser();
  $("show").showModal();
}

function chooser() {
  stop();
  content($("dialog-alert"));
  $("choose").hidden = false;
  $("live").hidden = true;
}

function choice(field) {
  const made = $("choice").content.firstElementChild.cloneNode(true);
  const box = made.querySelector("input");
  box.name = field.name;
  box.addEventListener("change", count);
  made.querySelector("b").textContent = field.label_zh;
  made.querySelector("small").textContent = field.label_en;
  made.querySelector(".value").append(valueNode(field));
  made.querySelector(".sensitive").hidden = !field.sensitive;
  return made;
}

const chosen = () => [...$("selective").querySelectorAll("input:checked")].map((box) => box.name);

function count() {
  const number = chosen().length;
  $("chosen").textContent = number ? `另出示 ${number} 项 / ${number} more fields` : "只出示必要项 / Only what is always shown";
}

async function show(event) {
  event?.preventDefault();
  try {
    const body = { credential_id: open.credential_id, fields: chosen(), purpose: $("purpose").value, image: "svg" };
    const code = await ask("/v1/wallet/qr", { method: "POST", body });
    $("qr").src = code.image;
    $("mode").hidden = code.mode !== "reference";
    $("choose").hidden = true;
    $("live").hidden = false;
    content($("dialog-alert"));
    tick(code.seconds);
  } catch (error) {
    chooser();
    complain(error, $("dialog-alert"));
  }
}

// A code is good for 60 s; it is renewed a little earlier, so that the one on the screen is always good.
function tick(seconds) {
  stop();
  const end = Date.now() + (seconds - 3) * 1000;
  const draw = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    $("left").textContent = left;
    $("ring").style.setProperty("--part", `${(left / seconds) * 100}%`);
    if (left === 0) show();
  };
  draw();
  ticking = setInterval(draw, 1000);
}

function stop() {
  clearInterval(ticking);
  ticking = null;
}

async function showHistory() {
  if (!$("history").open) return;
  try {
    const { shown } = await ask("/v1/wallet/history");
    $("never").hidden = shown.length > 0;
    $("shown").replaceChildren(...shown.map(row));
  } catch (error) {
    complain(error);
  }
}

function row(record) {
  const made = element("li");
  const when = new Date(record.at);
  const [zh, en] = age(Math.max(0, Math.round((Date.now() - when) / 1000)));
  const labels = record.labels.map((label) => label.label_zh).join("、") || "仅必要项";
  made.append(element("b", record.name_zh), ` · ${record.purpose} · ${labels}`, twoTongues(` · ${zh}前 `, `${en} ago · ${record.name_en}`));
  return made;
}

$("choose").addEventListener("submit", show);
$("stop").addEventListener("click", chooser);
$("show").addEventListener("close", () => { stop(); showHistory(); });
$("history").addEventListener("toggle", showHistory);
document.addEventListener("visibilitychange", () => { if (document.hidden && ticking) chooser(); });
signIn(enter, "holdings");
