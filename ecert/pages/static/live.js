// A code on the screen: its frames turn, it is signed anew before it is too old, and it goes when nobody looks.
import { $, ask, complain, content, element } from "/assets/client.js";

const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const CALM_FRAMES_A_SECOND = 2;
const RETRY = 3000;
let showing = null; // what is on the screen: until when it is good, when it is renewed, how

// Show `code`; it is renewed at `path`. `ended` is called when it stops by itself or by the holder.
export function showLive(code, { path, purpose, ended }) {
  stopLive();
  content($("dialog-alert"));
  $("disclosed-purpose").textContent = purpose;
  $("choose").hidden = true;
  $("live").hidden = false;
  $("show").classList.add("showing");
  $("show").scrollTop = 0;
  showing = { path, ended, ticking: setInterval(tick, 250) };
  put(code);
  stayAwake();
}

export function stopLive() {
  clearInterval(showing?.ticking);
  clearInterval(showing?.turning);
  showing?.lock?.release();
  showing = null;
  $("codes").replaceChildren();
  $("live").hidden = true;
  $("show").classList.remove("showing");
}

// One picture a frame, all there at once and one visible: nothing is decoded while they turn.
function put(code) {
  const pictures = code.images.map((source, number) => {
    const picture = element("img");
    picture.src = source;
    picture.alt = code.images.length > 1 ? `二维码第 ${number + 1} 帧 Frame ${number + 1} of the QR code` : "出示二维码 QR code to show";
    picture.hidden = number > 0;
    return picture;
  });
  $("codes").replaceChildren(...pictures);
  $("mode").hidden = code.mode !== "reference";
  $("animated").hidden = pictures.length < 2;
  $("frames").textContent = pictures.length;
  clearInterval(showing.turning);
  const now = Date.now();
  Object.assign(showing, {
    renewal: code.renewal || showing.renewal,
    period: code.renew_after * 1000,
    renewAt: now + code.renew_after * 1000,
    goodUntil: now + code.seconds * 1000,
    turning: pictures.length > 1 ? setInterval(turn, 1000 / (CALM.matches ? CALM_FRAMES_A_SECOND : code.frames_a_second), pictures) : null,
  });
  tick();
}

function turn(pictures) {
  const next = (pictures.findIndex((picture) => !picture.hidden) + 1) % pictures.length;
  pictures.forEach((picture, number) => { picture.hidden = number !== next; });
}

function tick() {
  const now = Date.now();
  const left = Math.max(0, showing.renewAt - now);
  $("left").textContent = Math.ceil(left / 1000);
  $("ring").style.setProperty("--part", `${Math.min(100, (left / showing.period) * 100)}%`);
  if (now >= showing.goodUntil) return over({ message: "二维码已过期，请重新亮证 / The code is too old, please show again" });
  if (left === 0 && !showing.busy) renew(showing);
}

// Without network the code on the screen is good for another while: it stays, and the page tries again.
async function renew(mine) {
  mine.busy = true;
  try {
    const code = await ask(mine.path, { method: "POST", body: { renewal: mine.renewal, image: "svg" } });
    if (mine === showing) put(code);
  } catch (error) {
    if (mine !== showing) return;
    if (error.status !== 0 && error.status < 500) return over(error);
    mine.renewAt = Date.now() + RETRY;
  } finally {
    mine.busy = false;
  }
}

function over(error) {
  end();
  complain(error, $("dialog-alert"));
}

function end() {
  const { ended } = showing;
  stopLive();
  ended();
}

async function stayAwake() {
  const mine = showing;
  try {
    const lock = await navigator.wakeLock?.request("screen");
    if (mine === showing) mine.lock = lock;
    else lock?.release();
  } catch { /* a full battery is not promised */ }
}

$("stop").addEventListener("click", end);
document.addEventListener("visibilitychange", () => { if (document.hidden && showing) end(); });
