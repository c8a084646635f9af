// What the pages share: the token, requests with it, problem documents as sentences, elements. No personal data is kept.
const LARGEST = 900_000; // bytes of a picture; the server takes a little more
const SIDE = 1600; // pixels of a picture that had to be made smaller
const KEY = `ecert-token-${document.body.dataset.page}`;

export const $ = (id) => document.getElementById(id);

export function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

export function twoTongues(zh, en, name = "span") {
  const made = element(name, zh);
  const small = element("small", en);
  small.lang = "en";
  made.append(small);
  return made;
}

export class Problem extends Error {
  constructor(status, members) {
    super(members.title || "没有回应 / No answer");
    this.status = status;
    this.code = members.code;
    this.detail = (members.errors || []).map((e) => e.message_zh || e.message || e.detail).join("; ") || members.detail || "";
  }
}

export async function ask(path, { method = "GET", body, type = "application/json", idempotent = false } = {}) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(KEY) || ""}` };
  if (body !== undefined) headers["Content-Type"] = type;
  if (idempotent) headers["Idempotency-Key"] = crypto.randomUUID();
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: type === "application/json" && body !== undefined ? JSON.stringify(body) : body });
  } catch {
    throw new Problem(0, { title: "网络不通，请稍后再试 / No connection, please try again" });
  }
  const members = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, members);
  return members;
}

export function complain(error, place = $("alert")) {
  place.replaceChildren(element("b", error.message), document.createTextNode(error.detail ? ` ${error.detail}` : ""));
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

export function content(place = $("alert")) {
  place.hidden = true;
}

// The token comes in the fragment (which no server sees) or from the form; it leaves the address bar at once.
export function signIn(enter, page) {
  const take = () => {
    const found = new URLSearchParams(location.hash.slice(1)).get("token");
    if (found) {
      sessionStorage.setItem(KEY, found);
      history.replaceState(null, "", location.pathname);
    }
    return found;
  };
  const given = take();
  addEventListener("hashchange", () => { if (take()) location.reload(); });
  const attempt = async () => {
    content();
    try {
      await enter();
      $("sign-in").hidden = true;
      $(page).hidden = false;
    } catch (error) {
      if (error.status === 401 || error.status === 403) signOut();
      $("sign-in").hidden = Boolean(sessionStorage.getItem(KEY));
      if (!(error.status === 401 && !given && !attempt.tried)) complain(error);
    }
  };
  const signOut = () => {
    sessionStorage.removeItem(KEY);
    $(page).hidden = true;
    $("sign-in").hidden = false;
    $("token").value = "";
  };
  $("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt.tried = true;
    sessionStorage.setItem(KEY, $("token").value.trim());
    attempt();
  });
  $("sign-out").addEventListener("click", () => { signOut(); location.reload(); });
  if (sessionStorage.getItem(KEY)) attempt();
  else signOut();
}

// A claim as a person reads it: a picture, rows of members, the words for a code, or the value itself.
export function valueNode({ value, text, rows }) {
  if (typeof value === "string" && /^data:image\/(png|jpeg);base64,/.test(value)) {
    const image = element("img");
    image.src = value;
    image.alt = "照片 Photo";
    return image;
  }
  if (typeof value === "string" && /^sha256-[\w-]{43}$/.test(value)) {
    const digest = element("code", `${value.slice(0, 15)}…`);
    digest.title = value;
    return digest;
  }
  if (rows?.length) return element("span", rows.map((row) => row.map((cell) => cell.text).join(" ")).join("；"));
  return element("span", text || (Array.isArray(value) ? value.map(plain).join("、") : plain(value)));
}

function plain(value) {
  if (value === true) return "是";
  if (value === false) return "否";
  if (value !== null && typeof value === "object") return Object.values(value).map(plain).join(" ");
  return value === null || value === undefined ? "" : String(value);
}

export function facts(list, rows) {
  list.replaceChildren(...rows.flatMap((row) => {
    const term = twoTongues(row.label_zh || row.name, row.label_en || "", "dt");
    const fact = element("dd");
    fact.append(valueNode(row));
    return [term, fact];
  }));
}

// A photograph is larger than the server takes: it is made smaller here.
export async function smaller(file) {
  if (file.size <= LARGEST && /^image\/(png|jpeg)$/.test(file.type)) return file;
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = picture.width * scale;
  canvas.height = picture.height * scale;
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
}

export function hue(text) {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 360;
  return String(sum);
}

export function age(seconds) {
  if (seconds < 90) return [`${seconds} 秒`, `${seconds} s`];
  if (seconds < 5400) return [`${Math.round(seconds / 60)} 分钟`, `${Math.round(seconds / 60)} min`];
  return [`${Math.round(seconds / 3600)} 小时`, `${Math.round(seconds / 3600)} h`];
}
