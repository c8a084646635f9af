// A counter: a picture, the camera, or the text of a hand scanner goes in; colour, shape and word come out.
import { $, age, ask, complain, content, element, facts, signIn, twoTongues } from "/assets/client.js";

const VERDICTS = {
  valid: ["有效", "Valid", "M50 4a46 46 0 1 0 .01 0z", "M30 52l14 14 27-31"],
  invalid: ["无效", "Invalid", "M32 5h36l27 27v36L68 95H32L5 68V32z", "M34 34l32 32M66 34L34 66"],
  indeterminate: ["无法确认", "Cannot confirm", "M50 6L97 90H3z", "M50 38v24M50 75v.5"],
};
const WAITING = ["等待核验", "Waiting", "M8 8h84v84H8z", "M32 50h36"];
const SIGNS = { passed: "✓", failed: "✕", unknown: "?", skipped: "–" };
let stream = null;
let busy = false;

async function enter() {
  await ask("/v1/pack/age").then(dataAge);
  draw(WAITING);
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

async function verify(body, type) {
  if (busy) return false;
  busy = true;
  content();
  try {
    const purpose = encodeURIComponent($("purpose").value);
    const report = type
      ? await ask("/v1/verifications", { method: "POST", body, type: `${type};purpose=${purpose}` })
      : await ask("/v1/verifications", { method: "POST", body: { text: body, purpose: $("purpose").value } });
    show(report);
    return true;
  } catch (error) {
    if (!stream || error.status !== 422) complain(error);
    return false;
  } finally {
    busy = false;
  }
}

function show(report) {
  $("report").dataset.verdict = report.verdict;
  draw(VERDICTS[report.verdict]);
  const why = report.checks.find((row) => row.outcome === "failed") || report.checks.find((row) => row.outcome === "unknown");
  if (why) {
    const line = twoTongues(why.reason_zh, why.reason_en);
    line.className = "why";
    $("word").append(line);
  }
  $("type").hidden = !report.name_zh;
  if (report.name_zh) $("type").replaceChildren(element("b", report.name_zh), ` ${report.name_en} · ${report.issuer_name_zh || ""}`);
  facts($("claims"), report.claims || []);
  if (report.status_age_seconds !== null) dataAge({ age_seconds: report.status_age_seconds });
  $("detail").hidden = false;
  $("detail").open = report.verdict !== "valid";
  $("checks").replaceChildren(...report.checks.map(check));
  if (matchMedia("(max-width: 46rem)").matches) $("report").scrollIntoView({ behavior: "smooth" });
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
  $("view").hidden = false;
  $("video").srcObject = stream;
  await $("video").play();
  look();
}

function stopCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  $("view").hidden = true;
}

async function look() {
  if (!stream) return;
  const video = $("video");
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  if (picture && (await verify(picture, "image/jpeg"))) stopCamera();
  else setTimeout(look, 600);
}

$("camera").addEventListener("click", startCamera);
$("picture").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (file) await verify(file, file.type);
  event.target.value = "";
});
$("text-form").addEventListener("submit", (event) => {
  event.preventDefault();
  verify($("text").value.trim());
});
// A hand scanner types the code and presses Enter.
$("text").addEventListener("keydown", async (event) => {
  if (event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  if (await verify($("text").value.trim())) $("text").select();
});
signIn(enter, "desk");
