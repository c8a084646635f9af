// A counter: a picture, the camera, or the text of a hand scanner goes in; colour, shape and word come out.
import { $, age, ask, complain, content, element, facts, signIn, twoTongues } from "/assets/client.js";
import { day } from "/assets/days.js";

const VERDICTS = {
  valid: ["有效", "Valid", "M50 4a46 46 0 1 0 .01 0z", "M30 52l14 14 27-31"],
  invalid: ["无效", "Invalid", "M32 5h36l27 27v36L68 95H32L5 68V32z", "M34 34l32 32M66 34L34 66"],
  indeterminate: ["无法确认", "Cannot confirm", "M50 6L97 90H3z", "M50 38v24M50 75v.5"],
  copy: ["加注件：请与本人证件核对", "Printed copy: compare with the person's document", "M18 4h44l24 24v68H18z", "M34 50h36M34 66h36M34 82h20"],
};
const WAITING = ["等待核验", "Waiting", "M8 8h84v84H8z", "M32 50h36"];
const SIGNS = { passed: "✓", failed: "✕", unknown: "?", skipped: "–" };
const FRAME = /^ZK([2-4])\/([1-4]):(.{6})/; // one frame of an animated code: count, number, the message's id
const OURS = /^(ZK\d|ecert:r\/|eyJ)/;
const UNSEEN = 1500; // how long the browser's reader may find nothing before the server's, which reads more, is asked
let stream = null;
let busy = false;
let gathered = null;

async function enter() {
  await ask("/v1/pack/age").then(dataAge);
  wait();
}

function dataAge(pack) {
  const [zh, en] = age(pack.age_seconds);
  $("age").replaceChildren(`状态数据 ${zh}前 `, Object.assign(element("span", `status data ${en} old`), { lang: "en" }));
}

function draw([zh, en, outline, inner]) {
  $("word").replaceChildren(element("b", zh), Object.assign(element("small", en), { lang: "en" }));
  const [outer, inside] = $("shape").querySelectorAll("path");
  outer.setAttribute("d", outline);
  inside.setAttribute("d", inner);
}

// Nobody's verdict stands beside the next person's code.
function wait() {
  if ($("report").dataset.verdict === "waiting") return; // said once, not at every look
  $("report").dataset.verdict = "waiting";
  draw(WAITING);
  $("acting").hidden = true;
  $("type").hidden = true;
  $("detail").hidden = true;
  $("claims").replaceChildren();
}

async function verify(body, type) {
  if (busy) return false;
  busy = true;
  wait();
  content();
  try {
    const purpose = encodeURIComponent($("purpose").value);
    const report = type
      ? await ask("/v1/verifications/present", { method: "POST", body, type: `${type};purpose=${purpose}` })
      : await ask("/v1/verifications/present", { method: "POST", body: { ...body, purpose: $("purpose").value } });
    if (report.frame) return gather(report.frame.text);
    show(report);
    return true;
  } catch (error) {
    if (!stream || error.status !== 422) complain(error);
    return false;
  } finally {
    busy = false;
  }
}

// What a camera or a scanner read: a whole presentation, or one frame of it.
async function read(text) {
  if (!FRAME.test(text)) return verify({ text });
  const whole = gather(text);
  return whole ? verify({ frames: whole }) : false;
}

// Frames come in any order and again and again; a new message id (the phone has signed anew) begins anew.
function gather(text) {
  const [, count, number, id] = text.match(FRAME);
  if (gathered?.id !== id || gathered.count !== Number(count)) {
    gathered = { id, count: Number(count), parts: new Map() };
    wait();
  }
  gathered.parts.set(Number(number), text);
  progress();
  if (gathered.parts.size < gathered.count) return null;
  const whole = [...gathered.parts.values()];
  gathered = null;
  return whole;
}

function progress() {
  $("progress").hidden = !gathered;
  if (!gathered) return;
  const { count, parts } = gathered;
  $("parts").replaceChildren(...Array.from({ length: count }, (_, n) => element("i", "", parts.has(n + 1) ? "there" : "")));
  $("parts-word").replaceChildren(...twoTongues(`动态二维码，已读 ${parts.size} / ${count} 幅 `, `animated code, ${parts.size} of ${count} read`).childNodes);
}

const toCompare = (report) => report.printed_copy && report.checks.every((row) => row.outcome === "passed" || row.outcome === "skipped" || row.reason === "printed_copy");

function show(report) {
  gathered = null;
  progress();
  const copy = toCompare(report);
  const verdict = copy ? "copy" : report.verdict;
  $("report").dataset.verdict = verdict;
  draw(VERDICTS[verdict]);
  const why = report.checks.find((row) => row.outcome === "failed") || report.checks.find((row) => row.outcome === "unknown");
  if (why && !copy) {
    const line = twoTongues(why.reason_zh, why.reason_en);
    line.className = "why";
    $("word").append(line);
  }
  const acting = report.checks.find((row) => row.code === "delegation" && row.reason !== "delegation_malformed");
  if (acting) showAgent(acting, report.delegation);
  $("type").hidden = !report.name_zh;
  if (report.name_zh) $("type").replaceChildren(element("b", report.name_zh), ` ${report.name_en} · ${report.issuer_name_zh || ""}`);
  facts($("claims"), copy ? [...marks(report.printed_copy), ...report.claims_to_compare] : report.claims || []);
  if (report.status_age_seconds !== null) dataAge({ age_seconds: report.status_age_seconds });
  $("detail").hidden = false;
  $("detail").open = Boolean(acting) || (verdict !== "valid" && verdict !== "copy");
  $("checks").replaceChildren(...report.checks.map(check));
  if (matchMedia("(max-width: 46rem)").matches) $("report").scrollIntoView({ behavior: "smooth" });
}

// Who stands here is not the holder: said beside the verdict, read out with it, and with whom to compare.
function showAgent(row, said) {
  const who = twoTongues("代理人出示，不是持证人本人", "Shown by an agent, not by the holder");
  who.className = "why";
  $("word").append(who);
  if (!said) return; // not all is valid: the verdict says why, and the checks below
  const compare = twoTongues(`请核对“${said.agent_name}”本人的身份证件和用证事由`, `Compare the document of "${said.agent_name}", and the purpose`, "p");
  $("acting").replaceChildren(twoTongues(said.sentence_zh, said.sentence_en, "p"), compare, twoTongues(row.reason_zh, row.reason_en, "p"));
  $("acting").hidden = false;
}

function marks({ maker, cause, made_at, expires_at }) {
  return [
    { label_zh: "加注机构", label_en: "Copy made by", value: maker },
    { label_zh: "加注事由", label_en: "Made for", value: cause },
    { label_zh: "加注件有效期", label_en: "Copy good", value: `${day(made_at)} – ${day(expires_at)}` },
  ];
}

function check(row) {
  const made = element("li");
  made.dataset.outcome = row.outcome;
  made.append(element("span", SIGNS[row.outcome], "sign"), twoTongues(row.label_zh, row.label_en), twoTongues(row.reason_zh, row.reason_en));
  return made;
}

async function startCamera() {
  if (stream) return stopCamera();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } });
  } catch {
    return complain({ message: "无法打开摄像头 / The camera cannot be opened", detail: "请选择图片或使用扫码枪 / use a picture or a scanner" });
  }
  wait();
  $("view").hidden = false;
  $("video").srcObject = stream;
  await $("video").play();
  look(await detector(), Date.now());
}

// The browser's own reader, where there is one: quick, and the picture stays here.
async function detector() {
  try {
    const formats = (await globalThis.BarcodeDetector?.getSupportedFormats()) || [];
    return formats.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
  } catch {
    return null;
  }
}

function stopCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  gathered = null;
  progress();
  $("view").hidden = true;
}

// Some time passes between two looks, never the same: an animation whose frames turn as often would hide one of them.
async function look(reader, seenAt) {
  if (!stream) return;
  const codes = reader ? await reader.detect($("video")).catch(() => []) : [];
  const seen = codes.map((code) => code.rawValue).filter(Boolean);
  const ours = seen.filter((text) => OURS.test(text)); // a stranger's beside ours, or between our frames, is passed over
  if (ours.length) seenAt = Date.now();
  let done = false;
  for (const text of ours.length || gathered ? ours : seen) done ||= await read(text);
  if (!reader || Date.now() - seenAt > UNSEEN) done ||= await lookByServer();
  if (done) return stopCamera();
  setTimeout(look, (gathered || reader ? 40 : 250) + Math.random() * 80, reader, seenAt);
}

async function lookByServer() {
  const video = $("video");
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  return picture ? byPicture(picture, "image/jpeg") : false;
}

async function byPicture(picture, type) {
  const found = await verify(picture, type);
  return Array.isArray(found) ? verify({ frames: found }) : Boolean(found);
}

$("camera").addEventListener("click", startCamera);
$("picture").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (file) await byPicture(file, file.type);
  event.target.value = "";
});
$("text-form").addEventListener("submit", (event) => {
  event.preventDefault();
  typed();
});
// A hand scanner types the code and presses Enter.
$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  typed();
});

// Frames of an animated code are typed one after the other, or pasted one a line.
async function typed() {
  const lines = $("text").value.trim().split(/\r?\n/);
  const frames = lines.every((line) => FRAME.test(line));
  let done = false;
  if (frames) for (const line of lines) done ||= await read(line);
  else done = await verify({ text: lines.join("\n") });
  if (done || frames) $("text").select();
}
signIn(enter, "desk");
