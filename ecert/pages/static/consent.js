// Somebody asks for certificates: open the request, see who, why and what, share or don't, follow it up in the history.
import { $, ask, complain, element, facts, twoTongues, valueNode } from "/assets/client.js";
import { isoDay } from "/assets/days.js";
import { dialog } from "/assets/dialog.js";

const TRUST = {
  listed: ["已验证", "verified", ""], key: ["未经验证", "not verified", "invalid"],
  origin: ["网站，未经验证", "a site, not verified", "unknown"], unverified: ["未经验证", "not verified", "invalid"],
};
const STAGES = {
  shared: ["已出示", "Shared"], declined: ["没有出示任何内容", "Nothing was shared"],
  signature: ["请在登记了密钥的设备上完成签名。", "Please sign with the device that holds your key."],
};
const OUTCOMES = {
  sent: ["已交给浏览器", "given to the browser", ""], shared: ["已出示", "shared", ""],
  declined: ["未同意", "declined", "unknown"], failed: ["对方未接收", "not taken", "invalid"],
};
const ACTS = { deletion_asked: ["已请求删除", "deletion asked for"], reported: ["已举报", "reported"] };
let request = null; // what was opened and is not decided
let byLink = false; // opened on this device: the browser goes back by itself
let reported = null; // the entry that is being reported
let changed = () => {}; // reads the history anew

// A link to this wallet with a request in it.
const brought = new URLSearchParams(location.search).has("client_id") ? location.href : null;
if (brought) history.replaceState(null, "", location.pathname);

const { begin, open, show, working, done, busy, alert } = dialog("consent", {
  parts: ["ask", "letter", "report"], path: "/v1/wallet/requests", preview,
  ready: () => { $("consent-share").disabled = !request?.answerable; },
});

// Called when the holder is signed in.
export function resumeConsent(reload) {
  changed = reload;
  if (brought) open(brought);
}

function preview(found, came) {
  request = found;
  byLink = came;
  const { party, reason } = found;
  const [zh, en, tone] = TRUST[party.trust];
  const verified = party.trust === "listed";
  $("consent-party").replaceChildren(...twoTongues(party.name_zh || party.client_id, party.name_en).childNodes);
  $("consent-address").textContent = party.client_id;
  $("consent-trust").className = `badge ${tone}`;
  $("consent-trust").textContent = `${zh} ${en}`;
  $("consent-unverified").hidden = $("consent-accept").hidden = verified;
  $("consent-known").checked = false;
  $("consent-none").hidden = Boolean(reason);
  facts($("consent-why"), reason ? why(reason) : []);
  $("consent-over").hidden = !found.over_asking;
  $("consent-what").replaceChildren(...found.certificates.filter((each) => each.chosen || each.options.length || !found.answerable).map(certificate));
  $("consent-matters").hidden = found.transactions.length === 0;
  $("consent-matter").replaceChildren(...found.transactions.map(({ subject_zh, subject_en, reference }) => twoTongues(reference ? `${subject_zh}（${reference}）` : subject_zh, subject_en, "li")));
  $("consent-lacking").hidden = found.answerable;
  show("ask");
}

function why({ purpose_zh, purpose_en, legal_basis_zh, legal_basis_en, retention_days }) {
  const kept = retention_days ? `${retention_days} 天 / ${retention_days} days` : "用后即删 / not kept";
  return [
    { label_zh: "事由", label_en: "Purpose", value: `${purpose_zh} ${purpose_en}` },
    { label_zh: "依据", label_en: "Legal basis", value: `${legal_basis_zh} ${legal_basis_en}` },
    { label_zh: "保存", label_en: "Kept for", value: kept },
  ];
}

function certificate(asked) {
  const made = $("asked").content.firstElementChild.cloneNode(true);
  made.dataset.query = asked.query_id;
  const choice = made.querySelector("select");
  choice.replaceChildren(...asked.options.map((option) => {
    const one = element("option", `${option.name_zh} ${option.name_en} · ${isoDay(option.issued_at)}`);
    one.value = option.credential_id;
    return one;
  }));
  choice.hidden = asked.options.length < 2;
  made.querySelector(".optional").hidden = asked.chosen || !asked.options.length;
  const fill = () => option(made, asked, asked.options.find((each) => each.credential_id === choice.value));
  choice.addEventListener("change", fill);
  fill();
  return made;
}

function option(made, asked, chosen) {
  const names = chosen ? [chosen] : asked.types;
  made.querySelector("legend").replaceChildren(...names.flatMap(({ name_zh, name_en }) => [...twoTongues(`${name_zh} `, name_en).childNodes]));
  made.querySelector(".told").textContent = chosen ? (chosen.asked.length ? "" : "只出示必要项 / Only what is always shown") : "您没有此证照 / You do not hold this";
  made.querySelector(".wanted").replaceChildren(...(chosen?.asked ?? []).map(field));
  made.querySelector("details").hidden = !chosen?.always.length;
  facts(made.querySelector("dl"), chosen?.always ?? []);
}

function field(one) {
  const made = $("asked-field").content.firstElementChild.cloneNode(true);
  made.querySelector("b").textContent = one.label_zh;
  made.querySelector("small").textContent = one.label_en;
  made.querySelector(".value").append(valueNode(one));
  made.querySelector(".sensitive").hidden = !one.sensitive;
  if (one.beyond) made.firstElementChild.append(element("em", "超出所需 not needed", "sensitive"));
  return made;
}

// What the holder sees is what is shared: the certificates on the page, by their queries.
function certificates() {
  const chosen = {};
  for (const each of $("consent-what").children) {
    const optional = each.querySelector(".optional");
    const picked = each.querySelector("select").value;
    if (picked && (optional.hidden || optional.querySelector("input").checked)) chosen[each.dataset.query] = [picked];
  }
  return chosen;
}

async function share(event) {
  event.preventDefault();
  const verified = request.party.trust === "listed";
  if (!verified && !$("consent-known").checked) return complain({ message: "请先确认您知道对方未经验证 / Please confirm that you know they are not verified" }, alert);
  const body = { certificates: certificates(), accept_unverified: !verified };
  await decided("share", { method: "POST", body }, "正在出示…", "Sharing…");
}

const decline = () => decided("decline", { method: "POST", body: {} }, "正在回绝…", "Declining…");

async function decided(what, how, zh, en) {
  const { request_id } = request;
  busy(true);
  $("consent-back").hidden = true;
  working(zh, en);
  try {
    ended(await ask(`/v1/wallet/requests/${encodeURIComponent(request_id)}/${what}`, how));
  } catch (error) {
    const over = error.code === "presentation_request_gone" || error.code === "presentation_not_taken";
    show(over ? "open" : "ask");
    complain(error, alert);
  } finally {
    busy(false);
  }
}

function ended({ stage, redirect_uri }) {
  if (redirect_uri && byLink) return location.assign(redirect_uri);
  done(...STAGES[stage]);
  $("consent-back").hidden = !redirect_uri;
  if (redirect_uri) $("consent-return").href = redirect_uri;
  changed();
}

// What stands below an entry of the history that answers a request: how it ended, and what the holder can do now.
export function followUp({ presentation_id, exchange }) {
  const made = element("span");
  if (!exchange) return made;
  const [zh, en, tone] = OUTCOMES[exchange.outcome];
  const party = exchange.party.name_zh || exchange.party.client_id;
  made.append(element("b", ` · ${party} `), element("span", `${zh} ${en}`, `badge ${tone}`));
  for (const [act] of exchange.afterwards) made.append(" ", element("span", ACTS[act].join(" "), "badge unknown"));
  const place = `/v1/wallet/history/${encodeURIComponent(presentation_id)}`;
  if (exchange.outcome !== "declined") made.append(" ", button("请求删除", "Ask for deletion", () => deletion(place)));
  made.append(" ", button("举报", "Report", () => { reported = place; show("report"); }));
  return made;
}

function button(zh, en, act) {
  const made = twoTongues(`${zh} `, en, "button");
  made.type = "button";
  made.className = "quiet";
  made.addEventListener("click", act);
  return made;
}

async function deletion(place) {
  try {
    const { text_zh, text_en, contact } = await ask(`${place}/deletion`, { method: "POST", body: {} });
    $("consent-contact").textContent = contact;
    $("consent-zh").value = text_zh;
    $("consent-en").value = text_en;
    show("letter");
    changed();
  } catch (error) {
    complain(error);
  }
}

async function report(event) {
  event.preventDefault();
  try {
    await ask(`${reported}/report`, { method: "POST", body: { complaint: $("consent-complaint").value } });
    $("consent-back").hidden = true;
    done("已举报，谢谢。", "Reported. Thank you.");
    changed();
  } catch (error) {
    complain(error, alert);
  }
}

$("consent-start").addEventListener("click", () => { request = null; begin(); });
$("consent-ask").addEventListener("submit", share);
$("consent-decline").addEventListener("click", decline);
$("consent-copy").addEventListener("click", () => navigator.clipboard.writeText(`${$("consent-zh").value}\n\n${$("consent-en").value}`));
$("consent-print").addEventListener("click", () => print());
$("consent-report").addEventListener("submit", report);
