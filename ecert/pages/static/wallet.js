// A holder's certificates: choose fields, show a code that is signed anew every 20 seconds, see who saw what.
import { followUp, resumeConsent } from "/assets/consent.js";
import { lend, showDelegations, whoActed } from "/assets/delegations.js";
import { showLive, stopLive } from "/assets/live.js";
import { resume, showSources } from "/assets/receive.js";
import { $, age, ask, complain, content, element, facts, hue, signIn, twoTongues, valueNode } from "/assets/client.js";

const WORDS = {
  issued: ["有效", "valid", ""], in_date: ["有效期内", "in date", ""], not_yet: ["尚未生效", "not yet in force", "unknown"], suspended: ["暂扣", "suspended", "unknown"], revoked: ["已吊销", "revoked", "invalid"],
  cancelled: ["已注销", "cancelled", "invalid"], replaced: ["已变更", "replaced", "invalid"], expired: ["已失效", "expired", "invalid"],
};
const FEW = 2; // a wallet that has fewer codes ahead for a purpose fetches more
const MORE = 5;
let open = null;
let given = ""; // the purpose that a preset filled in, so that the next may replace it
let supplying = null; // the certificate whose codes are fetched ahead; none once a code is asked for

async function enter() {
  const { certificates } = await ask("/v1/wallet/certificates");
  $("loading").hidden = true;
  $("nothing").hidden = certificates.length > 0;
  $("cards").replaceChildren(...certificates.map(card));
}

async function start() {
  await enter();
  resume(enter);
  resumeConsent(showHistory);
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
  purposes(certificate);
  $("show-title").replaceChildren(...twoTongues(certificate.name_zh, certificate.name_en).childNodes);
  facts($("always"), certificate.fields.filter((field) => !field.selective));
  $("selective").replaceChildren(...certificate.fields.filter((field) => field.selective).map(choice));
  count();
  chooser();
  $("show").showModal();
  supply(certificate);
}

// Purpose certificates are fetched when a certificate is opened, never while it is shown: that would tell the issuer.
async function supply(certificate) {
  supplying = certificate;
  $("few").hidden = true;
  for (const [purpose, left] of Object.entries(certificate.ahead)) {
    if (left >= FEW) continue;
    if (supplying !== certificate) return;
    try {
      await ask("/v1/wallet/purposes", { method: "POST", body: { credential_id: certificate.credential_id, purpose, count: MORE } });
    } catch (error) {
      if (error.code === "enough_purpose_certificates") continue;
      if (open === certificate) $("few").hidden = false;
      return;
    }
  }
}

function chooser() {
  stopLive();
  content($("dialog-alert"));
  $("choose").hidden = false;
}

// What certificates are fetched ahead for: one touch chooses the fields that a purpose needs, and no others.
async function purposes({ type_id }) {
  $("presets").replaceChildren();
  const { purposes: listed } = await ask(`/v1/purposes/${encodeURIComponent(type_id)}`).catch(() => ({ purposes: [] }));
  if (open?.type_id === type_id) $("presets").replaceChildren(...listed.map(preset));
}

function preset({ name_zh, name_en, fields }) {
  const made = twoTongues(name_zh, name_en, "button");
  made.type = "button";
  made.addEventListener("click", () => {
    for (const box of $("selective").querySelectorAll("input")) box.checked = fields.includes(box.name);
    if (!$("purpose").value || $("purpose").value === given) $("purpose").value = given = name_zh;
    count();
  });
  return made;
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
  event.preventDefault();
  supplying = null;
  const fields = chosen();
  try {
    const body = { credential_id: open.credential_id, fields, purpose: $("purpose").value, image: "svg" };
    const code = await ask("/v1/wallet/qr", { method: "POST", body });
    const shown = open.fields.filter((field) => disclosed(field, code, fields));
    facts($("disclosed"), shown.sort((one, other) => other.selective - one.selective));
    showLive(code, { path: "/v1/wallet/qr/renew", purpose: body.purpose, ended: chooser });
  } catch (error) {
    chooser();
    complain(error, $("dialog-alert"));
  }
}

const disclosed = (field, code, fields) => (code.fields ? code.fields.includes(field.name) : !field.selective || fields.includes(field.name));

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
  made.append(element("b", record.name_zh), ` · ${record.purpose} · ${labels}`, twoTongues(` · ${zh}前 `, `${en} ago · ${record.name_en}`), whoActed(record), followUp(record));
  return made;
}

$("choose").addEventListener("submit", show);
$("lend-start").addEventListener("click", () => lend(open, chosen(), $("purpose").value));
$("show").addEventListener("close", () => { stopLive(); showHistory(); });
$("history").addEventListener("toggle", showHistory);
$("sources").addEventListener("toggle", showSources);
$("delegations").addEventListener("toggle", showDelegations);
signIn(start, "holdings");
