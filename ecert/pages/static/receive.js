// Receiving over OpenID4VCI: open an offer, see who offers what, accept or decline, follow it to the end.
import { $, ask, complain, element, twoTongues } from "/assets/client.js";
import { dialog } from "/assets/dialog.js";

const AGAIN = 5000;
const STATES = {
  kept: ["已存入卡包", "in your wallet"], deferred: ["颁发机构正在办理", "the issuer is working on it"],
  asked: ["稍后自动重试", "will be tried again"], over: ["未能领取", "not received"],
};
const STAGES = {
  received: ["领取完成", "Received"], deferred: ["颁发机构正在办理，完成后自动存入卡包，可以关闭本窗口。", "The issuer is working on it. It will arrive by itself; you may close this."],
  signature: ["请在登记了密钥的设备上完成签名。", "Please sign with the device that holds your key."], failed: ["未能领取", "Nothing was received"],
};
const REASONS = {
  device_signature_needed: ["需要设备签名", "the device has to sign"], "credential_not_kept:signature:signature_invalid": ["签名无效", "signature not valid"],
  protocol_http_failed: ["对方服务器没有回应", "no answer from the server"], credential_issuer_not_trusted: ["机构不在信任名录中", "issuer not on the trust list"],
};
let offer = null; // what was opened and is not decided
const names = {}; // of configurations that were offered
let watching = null; // the timer of what was deferred
let reload = () => {}; // reads the certificates anew

// Where the browser comes from: a login at an issuer (fragment), or a link to this wallet with an offer (query).
const brought = take();

function take() {
  const came = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const link = new URLSearchParams(location.search);
  const found = came.state && (came.code || came.error) ? { came } : link.has("credential_offer") || link.has("credential_offer_uri") ? { link: `openid-credential-offer://${location.search}` } : null;
  if (found) history.replaceState(null, "", location.pathname + (found.link ? location.hash : ""));
  return found;
}

const { begin, open, show, working, done, busy, alert } = dialog("receive", {
  parts: ["offer"], path: "/v1/wallet/offers", preview, refused: ["application/pdf"],
  ready: () => { $("receive-accept").disabled = !(offer?.trusted && offer.configurations.length); },
});

// Called when the holder is signed in; what the browser brought is used once.
export function resume(enter) {
  reload = enter;
  if (brought?.came) comeBack(brought.came);
  if (brought?.link) open(brought.link);
  if (brought) delete brought.came, delete brought.link;
}

function preview(found) {
  offer = found;
  const held = found.configurations.length > 0;
  $("receive-issuer").replaceChildren(...twoTongues(found.name_zh || found.issuer, found.name_en || "").childNodes);
  $("receive-address").textContent = found.issuer;
  $("receive-trust").className = `badge ${found.trusted ? "" : "invalid"}`;
  $("receive-trust").textContent = found.trusted ? "可信机构 trusted" : "未列入信任名录 not trusted";
  $("receive-warning").hidden = found.trusted;
  $("receive-list").replaceChildren(...found.configurations.map(offered));
  $("receive-unsupported").hidden = !(found.unsupported && held);
  $("receive-nothing").hidden = held;
  $("receive-tx").hidden = !(found.tx_code && found.trusted);
  $("receive-login").hidden = !(found.needs_login && found.trusted);
  $("receive-code").required = Boolean(found.tx_code && found.trusted);
  if (found.tx_code) codeBox(found.tx_code);
  show("offer");
}

function codeBox({ input_mode, length, description }) {
  const box = $("receive-code");
  box.value = "";
  box.inputMode = input_mode === "numeric" ? "numeric" : "text";
  box.maxLength = length || 64;
  const form = length ? `${length} 位${input_mode === "numeric" ? "数字" : ""} / ${length} ${input_mode === "numeric" ? "digits" : "characters"}` : "";
  $("receive-code-help").textContent = [description, form].filter(Boolean).join(" · ");
}

function offered(configuration) {
  const made = $("offered").content.firstElementChild.cloneNode(true);
  names[configuration.id] = configuration.name_zh;
  made.querySelector("input").name = configuration.id;
  made.querySelector("b").textContent = configuration.name_zh;
  made.querySelector("small").textContent = `${configuration.name_en} · ${configuration.format}`;
  const { fields } = configuration;
  made.querySelector("summary").append(...twoTongues(`含 ${fields.length} 项信息 `, `${fields.length} fields`).childNodes);
  made.querySelector(".fields").append(...fields.map((field) => twoTongues(`${field.label_zh} `, field.label_en, "li")));
  made.querySelector("details").hidden = !fields.length;
  return made;
}

async function accept(event) {
  event.preventDefault();
  const configuration_ids = [...$("receive-list").querySelectorAll("input:checked")].map((box) => box.name);
  if (!configuration_ids.length) return complain({ message: "请至少选择一项 / Choose at least one" }, alert);
  const body = offer.tx_code ? { configuration_ids, tx_code: $("receive-code").value.trim() } : { configuration_ids };
  busy(true);
  waiting("正在向颁发机构领取…", "Asking the issuer…");
  try {
    const progress = await ask(`/v1/wallet/offers/${encodeURIComponent(offer.offer_id)}/accept`, { method: "POST", body });
    if (progress.stage !== "browser") offer = null;
    follow(progress);
  } catch (error) {
    show(error.code === "credential_offer_gone" ? "open" : "offer");
    if (error.code === "token_refused" && offer.tx_code) error.detail += "。请核对领证码；已用过或已过期的邀约须重新索取。 Check the transaction code; an offer that was used or is too old has to be asked for anew.";
    complain(error, alert);
  } finally {
    busy(false);
  }
}

async function decline() {
  forget();
  $("receive").close();
}

// Nobody is told; an offer that is not there is declined already.
function forget() {
  clearTimeout(watching);
  if (offer) ask(`/v1/wallet/offers/${encodeURIComponent(offer.offer_id)}`, { method: "DELETE" }).catch(() => {});
  offer = null;
}

async function comeBack(came) {
  waiting("登录完成，正在领取…", "Logged in, receiving…");
  const { state, code, iss, error } = came;
  const body = Object.fromEntries(Object.entries({ state, code, iss, error }).filter(([, value]) => value !== undefined));
  try {
    follow(await ask("/v1/wallet/logins", { method: "POST", body }));
  } catch (problem) {
    show("open");
    complain(problem, alert);
  }
}

function waiting(zh, en) {
  $("receive-results").replaceChildren();
  working(zh, en);
}

function follow({ stage, authorization_url, results, receiving_id }) {
  if (stage === "browser") return location.assign(authorization_url);
  done(...STAGES[stage]);
  $("receive-results").replaceChildren(...results.map(result));
  reload().catch(() => {});
  if (stage === "deferred") watching = setTimeout(again, AGAIN, receiving_id);
}

async function again(receiving_id) {
  if (!$("receive").open) return;
  try {
    follow(await ask(`/v1/wallet/receivings/${encodeURIComponent(receiving_id)}`));
  } catch (error) {
    if (error.status !== 0 && error.status !== 429 && error.status < 500) return complain(error, alert);
    watching = setTimeout(again, AGAIN, receiving_id);
  }
}

function result({ configuration_id, state, reason }) {
  const made = element("li");
  const [zh, en] = STATES[state];
  const why = reason ? REASONS[reason] || [reason, reason] : null;
  made.append(element("b", names[configuration_id] || configuration_id), " · ", twoTongues(why ? `${zh}（${why[0]}） ` : `${zh} `, why ? `${en} (${why[1]})` : en));
  return made;
}

export async function showSources() {
  if (!$("sources").open) return;
  try {
    const { sources } = await ask("/v1/wallet/sources");
    $("none-received").hidden = sources.length > 0;
    $("received").replaceChildren(...sources.map(source));
  } catch (error) {
    complain(error);
  }
}

function source(one) {
  const made = result(one);
  if (!one.can_be_fetched || one.state === "over") return made;
  const button = twoTongues("重新领取", "Fetch again", "button");
  button.type = "button";
  button.addEventListener("click", async () => {
    waiting("正在向颁发机构领取…", "Asking the issuer…");
    try {
      follow(await ask(`/v1/wallet/sources/${encodeURIComponent(one.source_id)}/fetch`, { method: "POST", body: {} }));
      showSources();
    } catch (error) {
      complain(error, alert);
      $("receive-done").hidden = false;
    }
  });
  made.append(" ", button);
  return made;
}

$("receive-start").addEventListener("click", () => { forget(); begin(); });
$("receive-offer").addEventListener("submit", accept);
$("receive-decline").addEventListener("click", decline);
$("receive").addEventListener("close", () => { clearTimeout(watching); showSources(); });
