// A dialog that begins with a link or a picture of a code and goes on step by step, one part of it shown at a time.
import { $, ask, complain, content, smaller, twoTongues } from "/assets/client.js";

// The dialog with the id `name`; the ids of its parts and controls begin with it. What is pasted or pictured goes to
// `path`, and `preview` gets the answer and whether a link brought it. `ready` says which controls may be used again.
// A file of a type in `refused` is not sent: the server, which has the words, is told its type alone.
export function dialog(name, { parts, path, preview, ready, refused = [] }) {
  const own = (id) => $(`${name}-${id}`);
  const alert = own("alert");

  function show(part) {
    content(alert);
    for (const one of ["open", ...parts, "progress"]) own(one).hidden = one !== part;
    if (!$(name).open) $(name).showModal();
  }

  function begin() {
    own("link").value = "";
    show("open");
  }

  function open(text) {
    show("open");
    own("link").value = text;
    return opened({ method: "POST", body: { text } }, true);
  }

  async function opened(asked, byLink) {
    busy(true);
    try {
      preview(await ask(path, asked), byLink);
    } catch (error) {
      complain(error, alert);
    } finally {
      busy(false);
    }
  }

  async function byPicture(event) {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    try {
      content(alert);
      const picture = refused.includes(file.type) ? new Blob([], { type: file.type }) : await smaller(file);
      await opened({ method: "POST", body: picture, type: picture.type }, false);
    } catch {
      complain({ message: "图片无法读取 / The picture cannot be read" }, alert);
    }
  }

  // Show how it goes, until `done` lets the holder close.
  function working(zh, en) {
    own("state").replaceChildren(...twoTongues(zh, en).childNodes);
    own("done").hidden = true;
    show("progress");
  }

  function done(zh, en) {
    working(zh, en);
    own("done").hidden = false;
  }

  function busy(on) {
    for (const each of $(name).querySelectorAll("button:not(.quiet)")) each.disabled = on;
    if (!on) ready();
  }

  own("open").addEventListener("submit", (event) => { event.preventDefault(); open(own("link").value.trim()); });
  own("picture").addEventListener("change", byPicture);
  own("done").addEventListener("click", () => $(name).close());
  return { begin, open, show, working, done, busy, alert };
}
