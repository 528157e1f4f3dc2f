"use strict";
(() => {
  // Everything that a document, a configuration or a request says becomes a text node; nothing is ever parsed as markup.
  const at = (id) => document.getElementById(id);
  const KEPT = 500, EVERY = 1000, SAID = 4000;
  const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
  const visible = (text) => text.replace(UNSEEN, (one) => `U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
  const list = at("calls"), dialog = at("by-hand");
  let state = null, version = "", run = "", last = 0, waiting = [], paused = false, hush = 0;
  let doing = Promise.resolve(), left = 0;  // what a person has asked for, one after the other
  const chosen = { operation: "", client: "" };

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "class") node.className = value;
      else if (key === "onclick" || key === "onchange") node.addEventListener(key.slice(2), value);
      else if (value === true) node.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, visible(String(value)));
    }
    for (const child of children.flat()) {
      if (child !== null && child !== undefined && child !== "") node.append(typeof child === "string" ? visible(child) : child);
    }
    return node;
  }
  function tell(text, bad = false) {
    at("said").textContent = visible(text);
    at("said").classList.toggle("bad", bad);
    clearTimeout(hush);
    hush = setTimeout(() => { at("said").textContent = ""; }, SAID);
  }

  // ---- the server

  async function ask(path, method = "GET", data = undefined) {
    const answer = await fetch(path, {
      method, cache: "no-store", redirect: "error",
      ...(data === undefined ? {} : { body: JSON.stringify(data), headers: { "Content-Type": "application/json" } }),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error([said.error, said.hint].filter(Boolean).join("; "));
    return said;
  }
  // A failure is told. Only when everything is done what is shown is read anew: a tick that is on its way stays as it is.
  function act(what) {
    left += 1;
    doing = doing.then(async () => {
      try { await what(); } catch (error) { tell(error.message, true); }
      left -= 1;
      await refresh();
    });
  }
  async function refresh() {
    try {
      const news = await ask("/local/state");
      if (left) return false;
      state = news;
      draw();
      return true;
    } catch { at("gone").hidden = false; return false; }
  }
  async function poll() {
    try {
      const news = await ask(`/local/calls?after=${last}`);
      if (run && news.run !== run) { last = 0; waiting = []; list.replaceChildren(); run = news.run; return setTimeout(poll, 0); }
      run = news.run;
      at("gone").hidden = true;
      if (at("problem").textContent !== visibleLines(news.problem)) at("problem").textContent = visibleLines(news.problem);
      at("problem").hidden = !news.problem;
      if (news.calls.length) {
        last = Math.max(...news.calls.map((one) => one.number));
        waiting = [...waiting, ...news.calls].slice(-KEPT);
      }
      if (news.version !== version && await refresh()) version = news.version;
      add();
    } catch { at("gone").hidden = false; }
    setTimeout(poll, EVERY);
  }
  const visibleLines = (text) => text ? `The last change is not served; what ran before still runs.\n${text.split("\n").map(visible).join("\n")}` : "";

  // ---- calls

  function add() {
    if (!paused && waiting.length) {
      list.prepend(...waiting.map(row).reverse());
      waiting = [];
      while (list.children.length > KEPT) list.lastChild.remove();
    }
    count();
  }
  function count() {
    const all = list.children.length, refused = list.querySelectorAll(".call:not(.allowed)").length;
    const texts = [all ? `${all}${all === KEPT ? " newest" : ""}, ${refused} refused` : "", paused && waiting.length ? `${waiting.length} new` : ""];
    at("tally").textContent = texts.filter(Boolean).join("; ");
    const empty = at("refused").checked ? !refused : !all;
    at("none").textContent = all ? "No call was refused." : "No call yet. Copy a curl on this page and run it.";
    at("none").hidden = !empty;
  }
  function row(one) {
    const facts = [
      one.who, one.required, one.had ? `token has ${one.had}` : "",
      one.api ? one.api : "", one.allowed ? `answered by ${one.answeredBy}` : "", ...one.notes];
    return el("li", { class: one.allowed ? "call allowed" : "call" },
      el("div", { class: "line" },
        el("span", { class: one.allowed ? "badge allowed" : "badge refused" }, one.allowed ? "allowed" : "refused"),
        el("span", { class: "method" }, one.method),
        el("span", { class: "path" }, one.path),
        el("span", { class: "status" }, String(one.status)),
        el("span", { class: "ms" }, `${one.milliseconds} ms`),
        el("time", { class: "ms" }, new Date(one.at * 1000).toLocaleTimeString("en-GB"))),
      one.why ? el("p", {}, one.why) : null,
      el("p", { class: "facts" }, facts.filter(Boolean).join(" · ")));
  }

  // ---- users and clients

  function draw() {
    const focused = document.activeElement && document.activeElement.dataset.key;
    at("where").textContent = visible([`APIs: ${state.apis.map((one) => one.url).join("  ")}`, `sign-in: ${state.pool}`].join(" · "));
    at("target").replaceChildren(...target());
    at("users").replaceChildren(...(state.users.length ? state.users.map(person) : [el("li", { class: "soft" }, "None yet.")]));
    at("clients").replaceChildren(...(state.clients.length ? state.clients.map(client) : [el("li", { class: "soft" }, "None. They stand in scopegen.yaml.")]));
    // Keys hold names: they are compared, never made part of a selector.
    const again = focused && [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === focused);
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
    else if (focused && !again) at("add").elements.name.focus({ preventScroll: true });
  }
  const keyed = (node, ...key) => { node.dataset.key = JSON.stringify(key); return node; };
  function pick(name, label, options, first = options[0]) {
    if (!options.some(([value]) => value === chosen[name])) chosen[name] = first ? first[0] : "";
    const box = keyed(el("select", { onchange: (event) => { chosen[name] = options[event.target.selectedIndex][0]; } }, options.map(([, text]) => el("option", {}, text))), name);
    box.selectedIndex = options.findIndex(([value]) => value === chosen[name]);
    return el("label", { class: "wide" }, label, box);
  }
  function operations() {
    return state.apis.flatMap((api) => api.operations.map((one) => [JSON.stringify([api.name, one.method, one.path]), `${state.apis.length > 1 ? `${api.name}: ` : ""}${one.method} ${one.path} (${one.requires})`, one]));
  }
  function target() {
    const people = state.clients.filter((one) => one.kind === "user").map((one) => [one.name, one.name]);
    const all = operations(), harmless = all.find(([, , one]) => one.method === "GET" && !one.path.includes("{"));
    return [
      pick("operation", "What a copied curl calls", all, harmless || all[0]),
      ...(people.length > 1 ? [pick("client", "Users sign in through", people)] : []),
    ];
  }
  const button = (label, doing, about, kind = "chip") => keyed(el("button", { type: "button", class: kind, onclick: () => act(doing), "aria-label": `${label} (${about})` }, label), label, about);
  function person(one) {
    const people = state.clients.filter((each) => each.kind === "user").map((each) => each.name);
    const through = () => people.includes(chosen.client) ? chosen.client : people[0];
    const wanted = () => ({ user: one.name, ...(people.length ? { client: through() } : {}) });
    const boxes = state.permissions.map(({ name }) => {
      const box = keyed(el("input", { type: "checkbox", onchange: () => {
        const permissions = state.permissions.map((each) => each.name).filter((_, index) => boxes[index].checked);
        act(() => ask("/local/users", "PUT", { name: one.name, permissions }));
      } }), "tick", one.name, name);
      box.checked = one.permissions.includes(name);
      return box;
    });
    return el("li", {},
      el("div", { class: "line" }, el("span", { class: "name" }, one.name),
        button("remove", () => ask("/local/users", "DELETE", { name: one.name }), one.name, "chip quiet")),
      el("div", { class: "ticks", role: "group", "aria-label": `Permissions of ${one.name}` }, boxes.map((box, index) => el("label", { class: "tick" }, box, el("span", {}, state.permissions[index].name)))),
      one.otherGroups.length ? el("p", { class: "soft" }, `also in ${one.otherGroups.join(", ")}, which gives nothing`) : null,
      el("div", { class: "do" },
        button("copy token", () => token(wanted()), one.name), button("copy curl", () => curl(wanted()), one.name)));
  }
  function client(one) {
    const machine = one.kind === "machine";
    const facts = machine ? `may have ${one.scopes.join(" ") || "nothing"}` : one.callbackUrls.length ? `back to ${one.callbackUrls.join(" ")}` : "no callback URL";
    return el("li", {},
      el("div", { class: "line" }, el("span", { class: "name" }, one.name), el("span", { class: "soft" }, machine ? "machine" : "for users")),
      el("p", { class: "soft" }, facts),
      machine ? el("div", { class: "do" },
        button("copy token", () => token({ client: one.name }), one.name), button("copy curl", () => curl({ client: one.name }), one.name),
        button("copy id:secret", () => secret(one.name), one.name)) : null);
  }

  // ---- what is copied

  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
      tell(`Copied: ${what}`);
    } catch {
      at("by-hand-text").value = text;
      dialog.showModal();
      at("by-hand-text").select();
    }
  }
  async function token(wanted) {
    const got = await ask("/local/token", "POST", wanted);
    await copy(got.access_token, `a token with ${got.scope || "no scopes"}`);
  }
  async function secret(name) {
    const got = await ask(`/local/secret?client=${encodeURIComponent(name)}`);
    await copy(`${got.client_id}:${got.client_secret}`, `id and secret of ${name}`);
  }
  // The URL has no character that means something between apostrophes, a token neither.
  const quoted = (text) => `'${text.replace(/'/g, "'\\''")}'`;
  async function curl(wanted) {
    const found = operations().find(([value]) => value === chosen.operation);
    if (!found) throw new Error("there is no operation to call");
    const one = found[2], got = await ask("/local/token", "POST", wanted);
    const sends = ["POST", "PUT", "PATCH"].includes(one.try) ? ["-H 'Content-Type: application/json'", "-d '{}'"] : [];
    const how = one.try === "HEAD" ? ["-I"] : one.try === "GET" ? [] : ["-X", one.try];
    await copy(["curl", "-i", ...how, "-H", quoted(`Authorization: Bearer ${got.access_token}`), ...sends, quoted(one.url)].join(" "), `curl for ${one.method} ${one.path}`);
  }

  // ---- what people do

  at("add").addEventListener("submit", (event) => {
    event.preventDefault();
    const box = event.target.elements.name;
    if (state.users.some((one) => one.name === box.value)) { tell(`There is a user ${box.value} already.`, true); return; }
    act(async () => { await ask("/local/users", "PUT", { name: box.value, permissions: [] }); box.value = ""; });
  });
  at("refused").addEventListener("change", (event) => { list.classList.toggle("refused-only", event.target.checked); count(); });
  at("pause").addEventListener("click", () => {
    paused = !paused;
    at("pause").setAttribute("aria-pressed", String(paused));
    at("pause").textContent = paused ? "Go on" : "Pause";
    add();
  });
  at("by-hand-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { at("by-hand-text").value = ""; });

  poll();
})();
