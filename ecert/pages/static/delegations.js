// Lent certificates: give the use of one to somebody, see and recall what was given, show what somebody lent.
import { $, ask, complain, content, element, facts, twoTongues } from "/assets/client.js";
import { endOf, isoDay, minute } from "/assets/days.js";
import { showLive } from "/assets/live.js";

const BASE = "/v1/wallet/delegations";
const TONES = { in_force: "", recalled: "invalid", over: "unknown" };
const DAYS = 366;
const MAY_GIVE = { guardian: ["agent"], manager: ["agent"], legal_representative: ["agent", "manager", "legal_representative"] };
const named = {}; // purposes that relying parties register, by type
let lending = null; // the opened certificate that is lent; null when one acts for somebody else
let chosenFields = [];
let relations = ["agent"]; // what this holder may make somebody

export async function showDelegations() {
  if (!$("delegations").open) return;
  try {
    const { given, received, may_give } = await ask(BASE);
    relations = may_give;
    fill("given", given, [["收回", "Recall", recall]]);
    fill("borrowed", received, [["亮证", "Show", use], ["交还", "Give back", recall]]);
  } catch (error) {
    complain(error);
  }
}

function fill(list, lent, acts) {
  $(`none-${list}`).hidden = lent.length > 0;
  $(list).replaceChildren(...lent.map((one) => row(one, list === "given", acts)));
}

function row(one, mine, acts) {
  const made = $("lent").content.firstElementChild.cloneNode(true);
  const other = mine ? one.agent_name : one.holder_name;
  made.querySelector("b").textContent = `${one.name_zh} · ${other}`;
  const badge = made.querySelector(".badge");
  badge.className = `badge ${TONES[one.state]}`;
  badge.textContent = `${one.state_zh} ${one.state_en}`;
  const until = minute(one.until);
  made.querySelector(".who").replaceChildren(...twoTongues(`${one.relation_zh}，至 ${until} `, `${one.name_en} · ${one.relation_en}`).childNodes);
  made.querySelector(".why").textContent = one.purposes.join("；");
  if (one.purposes.some(isId)) registered(one.type_id).then((known) => { made.querySelector(".why").textContent = one.purposes.map((purpose) => known[purpose] ?? purpose).join("；"); });
  if (one.state === "in_force") made.querySelector(".buttons").append(...acts.map(([zh, en, act]) => button(zh, en, () => act(one, made))));
  return made;
}

// A registered purpose goes by its id, as "bank.personal-account"; a person reads its name.
const isId = (purpose) => /^[a-z0-9][a-z0-9._-]*$/.test(purpose);

async function registered(type) {
  named[type] ??= ask(`/v1/types/${encodeURIComponent(type)}/purposes`).then(({ purposes }) => Object.fromEntries(purposes.map((one) => [one.purpose_id, `${one.name_zh} ${one.name_en}`])), () => ({}));
  return named[type];
}

function button(zh, en, act) {
  const made = twoTongues(`${zh} `, en, "button");
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

// A second press recalls: what is recalled stays recalled.
async function recall({ delegation_id }, made) {
  const pressed = made.querySelector(".buttons button:last-child");
  if (!pressed.dataset.sure) {
    pressed.dataset.sure = "yes";
    pressed.replaceChildren(...twoTongues("确定？再点一次 ", "Sure? Press again").childNodes);
    return;
  }
  pressed.disabled = true;
  try {
    content();
    await ask(`${BASE}/${encodeURIComponent(delegation_id)}/recall`, { method: "POST" });
  } catch (error) {
    complain(error);
  }
  showDelegations();
}

// Several purposes: each is a button, and one touch shows the code for it.
async function use(one, made) {
  const buttons = made.querySelector(".buttons");
  if (one.purposes.length === 1) return show(one, one.purposes[0]);
  const known = await registered(one.type_id);
  buttons.replaceChildren(...one.purposes.map((purpose) => {
    const choice = element("button", known[purpose] ?? purpose);
    choice.type = "button";
    choice.addEventListener("click", () => show(one, purpose));
    return choice;
  }));
}

async function show(one, purpose) {
  try {
    content();
    const code = await ask(`${BASE}/${encodeURIComponent(one.delegation_id)}/qr`, { method: "POST", body: { purpose, image: "svg" } });
    $("show-title").replaceChildren(...twoTongues(`${one.name_zh}（代 ${one.holder_name}）`, `${one.name_en}, for ${one.holder_name}`).childNodes);
    facts($("disclosed"), one.fields.map((field) => ({ ...field, value: "✓" })));
    $("show").showModal();
    showLive(code, { path: `${BASE}/qr/renew`, purpose, ended: () => $("show").close() });
  } catch (error) {
    complain(error);
  }
}

// What stands below an entry of the history when an agent showed the certificate.
export function whoActed({ acting }) {
  if (!acting) return "";
  const [zh, en] = acting.as_agent ? [`代 ${acting.other} 出示`, `shown for ${acting.other}`] : [`由 ${acting.other} 代为出示`, `shown by ${acting.other}`];
  const made = element("span", " · ");
  made.append(element("b", zh), twoTongues("", en));
  return made;
}

// Lend the certificate that is open, with the fields that are chosen.
export function lend(certificate, fields, purpose) {
  lending = certificate;
  chosenFields = fields;
  const labels = certificate.fields.filter((field) => fields.includes(field.name)).map((field) => field.label_zh);
  $("lend-what").replaceChildren(...twoTongues(`${certificate.name_zh}：${labels.join("、") || "仅必要项"} `, `${certificate.name_en}${labels.length ? "" : ", only what is always shown"}`).childNodes);
  $("show").close();
  begin(purpose);
}

async function lendFor() {
  lending = null;
  $("lend-what").replaceChildren();
  begin("");
  const { types } = await ask("/v1/types").catch(() => ({ types: [] }));
  $("lend-type").replaceChildren(...types.map(({ id, name_zh, name_en }) => {
    const one = element("option", `${name_zh} ${name_en}`);
    one.value = id;
    return one;
  }));
  listFields();
}

function begin(purpose) {
  const acting = lending === null;
  content($("lend-alert"));
  $("lend-form").reset();
  $("lend-purposes").value = purpose;
  const day = (days) => isoDay(Date.now() + days * 86_400_000);
  Object.assign($("lend-until"), { min: day(0), max: day(DAYS - 1), value: day(30) });
  $("lend-holder").hidden = $("lend-fields-part").hidden = !acting;
  $("lend-code").required = acting;
  role();
  listPurposes(lending?.type_id);
  $("lend").showModal();
}

async function listPurposes(type) {
  $("lend-registered").replaceChildren(element("option", ""));
  if (!type) return;
  const known = await registered(type);
  if ((lending?.type_id ?? $("lend-type").value) !== type) return;
  $("lend-registered").append(...Object.entries(known).map(([id, name]) => Object.assign(element("option", name), { value: id })));
}

function addPurpose() {
  const chosen = $("lend-registered").value;
  const lines = $("lend-purposes").value.split("\n").filter((line) => line.trim());
  if (chosen && !lines.includes(chosen)) $("lend-purposes").value = [...lines, chosen].join("\n");
  $("lend-registered").value = "";
}

// A parent uses a child's certificate itself, a legal representative may; a manager adds agents alone.
const oneself = () => lending === null && ($("lend-role").value === "guardian" || $("lend-relation").value === "legal_representative");

function role() {
  const may = lending ? relations : MAY_GIVE[$("lend-role").value];
  for (const one of $("lend-relation").options) one.hidden = one.disabled = !may.includes(one.value);
  if (!may.includes($("lend-relation").value)) $("lend-relation").value = may[0];
  $("lend-agent").hidden = lending === null && $("lend-role").value === "guardian";
  $("lend-person").hidden = oneself();
  for (const id of ["lend-name", "lend-number"]) $(id).required = !oneself();
}

async function listFields() {
  const type = $("lend-type").value;
  listPurposes(type);
  const { fields } = await ask(`/v1/types/${encodeURIComponent(type)}`).catch(() => ({ fields: [] }));
  if (type !== $("lend-type").value) return;
  $("lend-fields").replaceChildren(...fields.filter((field) => field.required && field.disclosure !== "always" && !field.derived).map((field) => {
    const line = element("li");
    const label = element("label");
    const box = element("input");
    Object.assign(box, { type: "checkbox", name: field.name, checked: !field.sensitive });
    const what = twoTongues(field.label_zh, field.label_en);
    what.className = "what";
    label.append(box, what);
    line.append(label);
    return line;
  }));
}

async function give(event) {
  event.preventDefault();
  $("lend-give").disabled = true;
  try {
    content($("lend-alert"));
    await ask(BASE, { method: "POST", body: wish(), idempotent: true });
    $("lend").close();
    $("delegations").open = true;
    showDelegations();
  } catch (error) {
    complain(error, $("lend-alert"));
  } finally {
    $("lend-give").disabled = false;
  }
}

function wish() {
  const until = endOf($("lend-until").value);
  const purposes = $("lend-purposes").value.split("\n").map((line) => line.trim()).filter(Boolean);
  const body = { purposes, until, agent: person("lend-name", "lend-number"), relation: $("lend-relation").value };
  if (lending) return { ...body, credential_id: lending.credential_id, fields: chosenFields };
  const boxes = [...$("lend-fields").querySelectorAll("input:checked")];
  const acting = { ...body, type_id: $("lend-type").value, fields: boxes.map((box) => box.name), holder: holder() };
  return oneself() ? { ...acting, relation: $("lend-role").value, agent: null } : acting;
}

const person = (name, number) => ({ code_type: "111", code: $(number).value.trim(), name: $(name).value.trim() });

function holder() {
  const code = $("lend-code").value.trim();
  return { code_type: $("lend-role").value === "guardian" ? "111" : "001", code };
}

$("lend-for").addEventListener("click", lendFor);
for (const id of ["lend-role", "lend-relation"]) $(id).addEventListener("change", role);
$("lend-type").addEventListener("change", listFields);
$("lend-registered").addEventListener("change", addPurpose);
$("lend-form").addEventListener("submit", give);
$("lend-cancel").addEventListener("click", () => $("lend").close());
