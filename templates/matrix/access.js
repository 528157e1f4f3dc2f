"use strict";
(() => {
  // Everything that a document or a configuration says becomes a text node; nothing is ever parsed as markup.
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const { operations, permissions, clients, scopes, apis, token } = data;
  const main = at("main"), form = at("filters"), count = at("count"), dialog = at("detail"), printed = at("printed");
  const narrow = matchMedia("(max-width: 40rem)");
  const number = new Intl.NumberFormat("en");
  const VIEWS = { operations: "Operations", permissions: "Permissions", scopes: "Scopes", clients: "Clients" };
  const ACCESS = { "": "any", public: "public", "signed-in": "any signed-in user", granted: "by permission or client", nobody: "nobody" };
  const KINDS = { public: "public", "signed-in": "for any signed-in user", granted: "granted", nobody: "that nobody can call" };
  const MARKS = {
    can: ["x", "can call it"], public: ["P", "public, without a token"],
    people: ["S", "any signed-in user"], part: ["+", "together with others"],
  };
  const tags = [...new Set(operations.flatMap((one) => one.tags))].sort();
  const machines = clients.map((client, index) => index).filter((index) => clients[index].kind === "machine");
  const haystack = operations.map((one) =>
    [one.method, one.path, one.id, apis[one.api], one.requires, one.reason, one.source, ...one.tags].join(" ").toLowerCase());
  const alone = operations.map((one) => new Set(one.permissions));
  const parts = operations.map((one) => new Set(one.partly));
  const ROW = 48, MARK = 34, SPARE = 12, WIDTH = [336, 640];

  let state = blank();
  let missed = [];       // what the address asks for and nobody has
  let rows = [];         // the operations that are left, by number
  let columns = [];      // what stands over the marks
  let grid = null;       // the table in the document, while there is one
  let active = { row: 0, column: 0 };

  function blank() {
    return { view: "operations", q: "", permission: [], client: "", scope: "", method: "", api: "", tag: "", access: "" };
  }

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "class") node.className = value;
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return node;
  }
  const plural = (amount, word) => `${number.format(amount)} ${word}${amount === 1 ? "" : "s"}`;
  const size = (bytes) => `about ${(bytes / 1000).toFixed(1)} kB`;
  const action = (name, value, label, kind = "chip") => el("button", { type: "button", class: kind, "data-do": name, "data-value": value }, label);
  const mark = (kind) => el("span", { class: `m ${kind}`, "aria-hidden": "true" }, MARKS[kind][0]);

  // ---- who may: the facts are in the data; a set of permissions is one user who has them all

  function held(names) {
    const scopesHeld = new Set();
    for (const one of permissions) if (names.includes(one.name)) one.scopes.forEach((scope) => scopesHeld.add(scope));
    return scopesHeld;
  }
  const callable = (one, own) => one.reason !== "" || one.signedIn || one.anyOf.some((all) => all.every((scope) => own.has(scope)));
  function tokenOf(names) {
    const own = held(names);
    scopes.forEach((scope, index) => { if (scope.parts.length && scope.parts.every((part) => own.has(part))) own.add(index); });
    let payload = 0;
    own.forEach((index) => { payload += scopes[index].bytes; });
    permissions.forEach((one) => { if (names.includes(one.name)) payload += one.bytes; });
    return token.base + Math.floor(payload * 4 / 3);
  }
  const closed = (one) => !one.reason && !one.signedIn && !one.permissions.length && !one.together.length && !one.machines.length;
  function access(one) {
    return one.reason ? "public" : one.signedIn ? "signed-in" : closed(one) ? "nobody" : "granted";
  }
  function opensForClient(one, index) {
    if (one.reason || one.machines.includes(index)) return true;
    return clients[index].kind === "user" && (one.signedIn || one.permissions.length > 0 || one.together.length > 0);
  }
  function requiresScope(one, index) {
    const wanted = scopes[index].parts;
    return wanted.length
      ? one.anyOf.some((all) => all.length === wanted.length && wanted.every((part) => all.includes(part)))
      : one.anyOf.some((all) => all.includes(index));
  }
  function who(one) {
    if (one.reason) return "everybody, without a token";
    const people = one.signedIn ? ["anyone who can get an account in this pool, through any client"]
      : [one.permissions.map((index) => permissions[index].name).join(", "), ...one.together.map(way)];
    if (one.machines.length) people.push("machine " + one.machines.map((index) => clients[index].name).join(", "));
    return people.filter(Boolean).join("; ") || "nobody";
  }
  const way = (all) => all.map((names) => names.join(" or ")).join(" together with ");
  const markOf = (index, column) => {
    const one = operations[index];
    if (one.reason) return "public";
    if (column.kind === "everybody") return "";
    if (column.kind === "machine") return one.machines.includes(column.index) ? "can" : "";
    if (one.signedIn) return "people";
    if (column.kind === "people") return "";
    if (column.kind === "together") return callable(one, column.own) ? "can" : "";
    return alone[index].has(column.index) ? "can" : parts[index].has(column.index) ? "part" : "";
  };

  // ---- the state, in the address so that a view can be shared

  function read() {
    const given = new URLSearchParams(location.hash.slice(1));
    const next = blank();
    const asked = [...given].filter(([key, value]) => value && Object.hasOwn(next, key));
    for (const key of Object.keys(next)) {
      if (key === "permission") next[key] = given.getAll(key).filter((name) => permissions.some((one) => one.name === name));
      else if (given.has(key)) next[key] = given.get(key);
    }
    if (!Object.hasOwn(VIEWS, next.view)) next.view = "operations";
    if (!Object.hasOwn(ACCESS, next.access)) next.access = "";
    if (!clients.some((one) => one.name === next.client)) next.client = "";
    if (!scopes.some((one) => one.name === next.scope)) next.scope = "";
    if (!apis.includes(next.api)) next.api = "";
    if (!tags.includes(next.tag)) next.tag = "";
    if (next.method && !methods().includes(next.method)) next.method = "";
    missed = asked.filter(([key, value]) => !next[key].includes(value));
    return next;
  }
  function write() {
    const given = new URLSearchParams();
    for (const [key, value] of Object.entries(state)) {
      if (key === "permission") value.forEach((name) => given.append(key, name));
      else if (value && !(key === "view" && value === "operations")) given.set(key, value);
    }
    const hash = given.toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  }
  function go(changes) {
    state = { ...state, ...changes };
    missed = [];
    active = { row: 0, column: 0 };
    const inside = document.activeElement !== document.body;
    write();
    fill();
    show();
    // What was pressed may be gone: whoever has no mouse goes on from the list.
    if (inside && document.activeElement === document.body) main.focus({ preventScroll: true });
  }
  function methods() {
    return [...new Set(operations.flatMap((one) => [one.method, ...one.methods]))].sort();
  }

  // ---- the filters

  function select(key, label, options, kind = "") {
    const box = el("select", { name: key, class: kind }, options.map(([value, text]) => el("option", { value }, text)));
    return el("label", {}, label, box);
  }
  const named = (any, names) => [["", any], ...names.map((name) => [name, name])];
  function build() {
    at("views").replaceChildren(...Object.entries(VIEWS).map(([key, label]) => action("view", key, label, "")));
    const search = el("input", { type: "search", name: "q", autocomplete: "off", spellcheck: "false" });
    form.replaceChildren(
      el("label", { class: "search" }, "Search", search),
      select("permission", "What can … do", named("add a permission", permissions.map((one) => one.name))),
      select("client", "Client", named("any client", clients.map((one) => one.name))),
      select("scope", "Scope", named("any scope", scopes.map((one) => one.name))),
      ...(apis.length > 1 ? [select("api", "API", named("any", apis), "small")] : []),
      ...(tags.length ? [select("tag", "Tag", named("any", tags), "small")] : []),
      select("method", "Method", named("any", methods()), "small"),
      select("access", "Open to", Object.entries(ACCESS), "small"),
      action("reset", "", "Clear", "clear"),
    );
  }
  function fill() {
    for (const box of form.elements) {
      if (box.name && box.name !== "permission" && box.value !== state[box.name]) box.value = state[box.name];
      if (box.name === "permission") box.value = "";
    }
    for (const label of form.querySelectorAll("label:not(.search)")) label.hidden = state.view !== "operations";
    form.elements.q.placeholder = `${state.view === "operations" ? "path, operation, scope, reason" : "name, scope"}  ( / )`;
    for (const tab of at("views").children) {
      if (tab.dataset.value === state.view) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
  }
  const words = () => state.q.toLowerCase().split(/\s+/).filter(Boolean);
  function narrowed() {
    const asked = words(), own = held(state.permission);
    const client = clients.findIndex((one) => one.name === state.client);
    const scope = scopes.findIndex((one) => one.name === state.scope);
    const left = [];
    operations.forEach((one, index) => {
      if (asked.every((word) => haystack[index].includes(word))
        && (!state.permission.length || callable(one, own))
        && (client < 0 || opensForClient(one, client))
        && (scope < 0 || requiresScope(one, scope))
        && (!state.method || one.method === state.method || one.methods.includes(state.method))
        && (!state.api || apis[one.api] === state.api)
        && (!state.tag || one.tags.includes(state.tag))
        && (!state.access || access(one) === state.access)) left.push(index);
    });
    return left;
  }
  function heads() {
    const client = clients.findIndex((one) => one.name === state.client);
    const picked = state.permission;
    const list = [{ kind: "everybody", name: "everybody" }, { kind: "people", name: "any signed-in user" }];
    if (picked.length > 1) list.push({ kind: "together", name: "all of these", own: held(picked) });
    const asMachine = client >= 0 && clients[client].kind === "machine";
    permissions.forEach((one, index) => {
      if (picked.length ? picked.includes(one.name) : !asMachine) list.push({ kind: "permission", name: one.name, index });
    });
    machines.forEach((index) => {
      if (client >= 0 ? index === client : !picked.length) list.push({ kind: "machine", name: clients[index].name, index });
    });
    return list;
  }

  // ---- the views

  function show() {
    grid = null;
    if (state.view === "operations") showOperations();
    else main.replaceChildren(cards());
  }
  function tell(...texts) {
    count.replaceChildren(...texts);
  }
  function showOperations() {
    rows = narrowed();
    columns = heads();
    const kinds = { public: 0, "signed-in": 0, granted: 0, nobody: 0 };
    rows.forEach((index) => { kinds[access(operations[index])] += 1; });
    const parted = Object.entries(KINDS).filter(([kind]) => kinds[kind] || kind === "public").map(([kind, text]) => `${number.format(kinds[kind])} ${text}`);
    const texts = [el("span", {}, el("strong", {}, number.format(rows.length)), ` of ${plural(operations.length, "operation")}: ${parted.join(", ")}`)];
    const unseen = operations.filter((one) => one.reason).length - kinds.public;
    if (unseen) texts.push(el("span", { class: "badge public" }, `${number.format(unseen)} public not shown`));
    if (state.permission.length) {
      texts.push(el("span", { class: "chips" }, state.permission.map((name) => {
        const button = action("permission", name, `${name} ×`, "picked");
        button.setAttribute("aria-label", `remove ${name}`);
        return button;
      })));
      const bytes = tokenOf(state.permission);
      texts.push(el("span", {}, `one user with ${state.permission.length === 1 ? "it" : "all of them"}: access token ${size(bytes)} of ${size(token.room).slice(6)}`));
    }
    if (!narrow.matches) texts.push(el("span", { class: "legend" }, Object.entries(MARKS).map(([kind, [, text]]) => el("span", {}, mark(kind), text))));
    tell(...texts);
    const note = notes().map((text) => el("p", { class: "note" }, text));
    if (!rows.length) main.replaceChildren(...note, el("p", { class: "empty" }, "No operation is left. Esc clears the search; Clear takes every filter away."));
    else if (narrow.matches) main.replaceChildren(...note, el("ul", { class: "cards" }, rows.map(operationCard)));
    else {
      main.replaceChildren(...note, table());
      draw(true);
    }
  }
  function notes() {
    const found = [];
    if (missed.length) found.push(`The address asks for what is not here, and is not followed in that: ${missed.map((pair) => pair.join(" ")).join(", ")}.`);
    if (data.whole > operations.length) found.push(`This page was written for a part: it holds ${number.format(operations.length)} of ${plural(data.whole, "operation")}.`);
    if (data.signUp && rows.some((index) => operations[index].signedIn)) found.push("Anyone can sign up, and so be a signed-in user.");
    return found;
  }
  function badge(one) {
    if (one.reason) return el("span", { class: "badge public" }, "public");
    if (one.signedIn) return el("span", { class: "badge people" }, "signed-in");
    return closed(one) ? el("span", { class: "badge nobody" }, "nobody") : null;
  }
  const under = (one) => (apis.length > 1 ? `${apis[one.api]} · ` : "") + (one.reason || one.requires);
  const title = (one) => el("span", { class: "line" }, el("span", { class: "method" }, one.method), el("span", { class: "path" }, one.path), badge(one));

  function table() {
    const cols = [el("col", { class: "first" }), ...columns.map(() => el("col", { class: "mark" }))];
    const over = columns.map((column, index) => {
      const label = column.kind === "machine" ? `${column.name} (machine)` : column.name;
      const inside = column.kind === "permission" || column.kind === "machine"
        ? action(column.kind === "permission" ? "permission" : "client", column.name, label, "")
        : el("span", { class: "name" }, label);
      inside.setAttribute("title", label);
      inside.tabIndex = -1;
      if (column.kind === "permission") inside.setAttribute("aria-pressed", String(state.permission.includes(column.name)));
      if (column.kind === "machine") inside.setAttribute("aria-pressed", String(state.client === column.name));
      const edge = index === 0 || column.kind !== columns[index - 1].kind ? "edge" : "";
      column.edge = edge;
      return el("th", { scope: "col", class: `${column.kind} ${edge}`, "aria-colindex": index + 2 }, inside);
    });
    const above = space(), below = space(), body = el("tbody", {}, above, below);
    const whole = el("table", { role: "grid", "aria-label": "Operations and who can call them", "aria-rowcount": rows.length + 1, "aria-colcount": columns.length + 1 },
      el("colgroup", {}, cols),
      el("thead", {}, el("tr", { "aria-rowindex": 1 }, el("th", { scope: "col", class: "first", "aria-colindex": 1, tabindex: -1 }, "Operation, and what it requires", el("span", { class: "keys" }, "/ search · arrows move · Enter shows who")), over)),
      body);
    whole.style.width = `calc(var(--first) + ${columns.length} * var(--mark))`;
    const scroll = el("div", { class: "scroll" }, whole);
    // What the marks leave free, the names of the operations take.
    const longest = 190 + 8.5 * Math.max(...rows.map((index) => operations[index].path.length));
    const room = Math.max(main.clientWidth - columns.length * MARK - 24, main.clientWidth * 0.33);
    scroll.style.setProperty("--first", `${Math.max(WIDTH[0], Math.min(WIDTH[1], room, longest))}px`);
    const high = Math.max(...columns.map((column) => column.name.length + (column.kind === "machine" ? 10 : 0)));
    scroll.style.setProperty("--head", `${Math.max(7, Math.min(13, 1.25 + high * 0.47))}rem`);
    grid = { scroll, body, cols, table: whole, head: whole.tHead.rows[0], above, below, lines: new Map(), pattern: pattern(), first: -1, last: -1 };
    let waiting = false;
    scroll.addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; draw(false); });
    }, { passive: true });
    return scroll;
  }
  // Only the rows in sight are in the document: a thousand times a hundred cells would take seconds. Those that stay in
  // sight stay as they are.
  function draw(anew) {
    if (!grid) return;
    const { body, lines } = grid;
    const first = Math.max(0, Math.floor(grid.scroll.scrollTop / ROW) - SPARE);
    const last = Math.min(rows.length, Math.ceil((grid.scroll.scrollTop + grid.scroll.clientHeight) / ROW) + SPARE);
    if (!anew && first === grid.first && last === grid.last) return;
    Object.assign(grid, { first, last });
    const focused = body.contains(document.activeElement);
    for (const [position, row] of lines) {
      if (position < first || position >= last) { row.remove(); lines.delete(position); }
    }
    let next = grid.below;
    for (let position = last - 1; position >= first; position -= 1) {
      if (!lines.has(position)) {
        lines.set(position, line(position));
        body.insertBefore(lines.get(position), next);
      }
      next = lines.get(position);
    }
    grid.above.firstChild.style.height = `${first * ROW}px`;
    grid.below.firstChild.style.height = `${(rows.length - last) * ROW}px`;
    const cell = cellAt(active.row, active.column) || cellAt(first, 0);
    if (!cell) return;
    cell.tabIndex = 0;
    if (focused && !body.contains(document.activeElement)) cell.focus({ preventScroll: true });
  }
  const space = () => el("tr", { class: "space", "aria-hidden": "true" }, el("td", { colspan: columns.length + 1 }));
  function pattern() {
    return el("tr", {}, el("th", { scope: "row", tabindex: -1, "aria-colindex": 1 }), columns.map((column, position) =>
      el("td", { tabindex: -1, "aria-colindex": position + 2, "aria-label": "no", class: column.edge })));
  }
  function line(position) {
    const index = rows[position], one = operations[index], row = grid.pattern.cloneNode(true), head = row.firstChild;
    head.append(title(one), el("div", { class: "under" }, under(one)));
    head.title = `${one.method} ${one.path}`;
    row.setAttribute("aria-rowindex", position + 2);
    row.dataset.row = position;
    if (one.reason || one.signedIn) row.className = one.reason ? "public" : "people";
    columns.forEach((column, number) => {
      const kind = markOf(index, column);
      if (!kind) return;
      const cell = row.children[number + 1];
      cell.append(mark(kind));
      cell.setAttribute("aria-label", MARKS[kind][1]);
    });
    return row;
  }
  // Row -1 is the head; what can be pressed there is a button.
  function cellAt(position, column) {
    const cell = (position === -1 ? grid?.head : grid?.lines.get(position))?.children[column];
    return cell?.querySelector("button, .name") || cell || null;
  }
  function move(row, column) {
    const before = cellAt(active.row, active.column);
    if (before) before.tabIndex = -1;
    active = { row: Math.max(-1, Math.min(rows.length - 1, row)), column: Math.max(0, Math.min(columns.length, column)) };
    const top = Math.max(0, active.row) * ROW, view = grid.scroll.clientHeight - grid.head.offsetHeight;
    if (top < grid.scroll.scrollTop) grid.scroll.scrollTop = top;
    else if (top + ROW > grid.scroll.scrollTop + view) grid.scroll.scrollTop = top + ROW - view;
    draw(false);
    const cell = cellAt(active.row, active.column);
    if (!cell) return;
    cell.tabIndex = 0;
    cell.focus({ preventScroll: true });
    if (active.column > 0) {
      const fixed = grid.head.firstChild.offsetWidth, left = fixed + (active.column - 1) * MARK;
      if (left - fixed < grid.scroll.scrollLeft) grid.scroll.scrollLeft = left - fixed;
      else if (left + MARK > grid.scroll.scrollLeft + grid.scroll.clientWidth) grid.scroll.scrollLeft = left + MARK - grid.scroll.clientWidth;
    } else grid.scroll.scrollLeft = 0;
  }

  function fields(pairs) {
    return el("dl", {}, pairs.filter((pair) => pair[1] !== null && pair[1] !== undefined).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  }
  const chips = (buttons, none) => buttons.length ? el("div", { class: "chips" }, buttons) : el("span", { class: "soft" }, none);
  const scopeChips = (list, none) => chips(list.map((index) => action("scope", scopes[index].name, scopes[index].name, "chip scope")), none);
  const permissionChips = (list, none) => chips(list.map((index) => action("only", permissions[index].name, permissions[index].name)), none);
  const clientChips = (list, none) => chips(list.map((index) => action("client", clients[index].name, clients[index].name)), none);
  const meter = (bytes) => el("span", {}, el("meter", { min: 0, max: token.room, high: token.room * 0.8, value: Math.min(bytes, token.room), "aria-hidden": "true" }), `${size(bytes)} of ${size(token.room).slice(6)}`);
  function operationCard(index) {
    const one = operations[index];
    return el("li", { class: "card" },
      el("button", { type: "button", class: "link line", "data-do": "detail", "data-value": index }, title(one)),
      fields([["Requires", one.reason ? null : one.requires], ["Reason", one.reason || null], ["Callable by", who(one)], ["API", apis.length > 1 ? apis[one.api] : null]]));
  }
  const opened = (amount, name, what) => amount ? action(what, name, plural(amount, "operation"), "link") : "nothing";
  function cards() {
    const asked = words();
    const fits = (...texts) => asked.every((word) => texts.join(" ").toLowerCase().includes(word));
    const list = el("ul", { class: "cards" });
    let total = 0;
    if (state.view === "permissions") {
      total = permissions.length;
      permissions.forEach((one, index) => {
        if (!fits(one.name, one.group, ...one.scopes.map((scope) => scopes[scope].name))) return;
        const amount = operations.filter((operation) => !operation.reason && !operation.signedIn && operation.permissions.includes(index)).length;
        const helps = operations.filter((operation) => operation.partly.includes(index)).length;
        list.append(el("li", { class: "card" }, el("h2", {}, action("only", one.name, one.name, "link")),
          one.group === one.name ? "" : el("span", { class: "soft" }, `group ${one.group}`),
          fields([["Scopes", scopeChips(one.scopes, "none")], ["Opens", opened(amount, one.name, "only")],
            ["With others", helps ? plural(helps, "operation") : null], ["Access token", meter(one.token)]])));
      });
    } else if (state.view === "scopes") {
      total = scopes.length;
      scopes.forEach((one, index) => {
        if (!fits(one.name, one.description)) return;
        const amount = operations.filter((operation) => requiresScope(operation, index)).length;
        list.append(el("li", { class: "card" }, el("h2", {}, action("scope", one.name, one.name, "link scope")),
          el("span", { class: "soft" }, one.own ? one.description : "Cognito's own: not granted by a permission"),
          fields([["Stands for", one.parts.length ? scopeChips(one.parts, "") : null],
            ["Held by", one.own ? permissionChips(one.permissions, one.together.length ? "no permission alone" : "no permission") : null],
            ["Together", one.together.length ? el("ul", {}, one.together.map((all) => el("li", {}, way(all)))) : null],
            ["Machines", one.own ? clientChips(one.machines, "none") : null],
            ["Required by", opened(amount, one.name, "scope")]])));
      });
    } else {
      total = clients.length;
      clients.forEach((one, index) => {
        if (!fits(one.name, one.kind, ...one.scopes.map((scope) => scopes[scope].name))) return;
        const machine = one.kind === "machine";
        const amount = operations.filter((operation) => operation.machines.includes(index)).length;
        list.append(el("li", { class: "card" }, el("h2", {}, action("client", one.name, one.name, "link")), el("span", { class: "soft" }, `${one.kind} client`),
          fields([["Scopes", machine ? scopeChips(one.scopes, "none") : "those of the user's permissions"],
            ["Opens", machine ? opened(amount, one.name, "client") : "what its users can call"],
            ["Tokens live", one.minutes === null ? "as it is" : plural(one.minutes, "minute")],
            ["Access token", machine ? meter(one.token) : null]])));
      });
    }
    const texts = [el("span", {}, el("strong", {}, number.format(list.children.length)), ` of ${plural(total, state.view.slice(0, -1))}`)];
    if (state.view === "permissions" && permissions.length) {
      texts.push(el("span", {}, `largest access token of one user: ${size(token.worst)}, with ${plural(token.worstNumber, "permission")}; there is room for ${size(token.room).slice(6)}`));
    }
    tell(...texts);
    return list.children.length ? list : el("p", { class: "empty" }, total ? `No ${state.view.slice(0, -1)} is left. Esc clears the search.` : `There are no ${state.view}.`);
  }
  function detail(index) {
    const one = operations[index];
    const close = el("button", { type: "button", class: "close", "data-do": "close", "aria-label": "close" }, "×");
    const heading = el("h2", { id: "detail-title" }, title(one));
    const scopesOf = [...new Set(one.anyOf.flat())];
    dialog.replaceChildren(close, heading, fields([
      ["API", apis[one.api]],
      ["Operation", one.id || null],
      ["Open to", one.reason ? "everybody, without a token" : one.signedIn ? "anyone who can get an account in this pool, through any client" : null],
      ["Reason", one.reason || null],
      ["Requires", one.reason || scopesOf.length === 1 ? null : one.requires],
      [scopesOf.length === 1 ? "Requires" : "Scopes", scopesOf.length ? scopeChips(scopesOf, "") : null],
      ["Permissions", one.reason || one.signedIn ? null : permissionChips(one.permissions, one.together.length ? "none alone" : "none")],
      ["Together", one.together.length ? el("ul", {}, one.together.map((all) => el("li", {}, way(all)))) : null],
      ["Machines", one.reason ? null : clientChips(one.machines, "none")],
      ["Source", el("code", {}, one.source)],
    ]));
    dialog.showModal();
  }

  // ---- paper: everything that is left, as a list, since no sheet is a hundred columns wide

  function print() {
    if (state.view !== "operations") { printed.replaceChildren(...[...main.children].map((child) => child.cloneNode(true))); return; }
    const cells = (one) => [el("td", {}, el("span", { class: "line" }, `${one.method} ${one.path}`, badge(one))), el("td", {}, one.reason || one.requires), el("td", {}, who(one))];
    const chosen = Object.entries(state).filter(([key, value]) => key !== "view" && value.length).map(([key, value]) => `${key === "q" ? "search" : key} ${[value].flat().join(" and ")}`);
    const above = [...notes(), ...(chosen.length ? [`Only what answers: ${chosen.join("; ")}.`] : [])];
    printed.replaceChildren(...above.map((text) => el("p", {}, text)), el("table", {},
      el("thead", {}, el("tr", {}, ["Operation", "Requires", "Callable by"].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, rows.map((index) => el("tr", {}, cells(operations[index]))))));
  }

  // ---- what people do

  const toggled = (name) => state.permission.includes(name) ? state.permission.filter((one) => one !== name) : [...state.permission, name];
  const DO = {
    view: (value) => go({ view: value, q: "" }),
    reset: () => go({ ...blank(), view: state.view }),
    permission: (value) => go({ view: "operations", permission: toggled(value) }),
    only: (value) => go({ ...blank(), permission: [value] }),
    client: (value) => go(state.view === "operations" && !dialog.open ? { client: state.client === value ? "" : value } : { ...blank(), client: value }),
    scope: (value) => go({ ...blank(), scope: value }),
    detail: (value) => detail(Number(value)),
    close: () => dialog.close(),
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) {
      DO[button.dataset.do](button.dataset.value);
      if (dialog.open && dialog.contains(button) && button.dataset.do !== "close") dialog.close();
      return;
    }
    if (event.target === dialog) { dialog.close(); return; }
    const row = event.target.closest("tr[data-row]");
    if (row) detail(rows[Number(row.dataset.row)]);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    const { name, value } = event.target;
    if (name === "permission") { if (value && !state.permission.includes(value)) go({ permission: [...state.permission, value] }); }
    else if (name) go({ [name]: value });
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "/" && !typing && !dialog.open && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      form.elements.q.focus();
      form.elements.q.select();
    } else if (event.key === "Escape" && !dialog.open) {
      if (state.q) go({ q: "" });
      else if (typing) event.target.blur();
    } else if (grid && event.key === "ArrowDown" && event.target === form.elements.q) {
      event.preventDefault();
      move(0, 0);
    } else if (grid && grid.table.contains(event.target)) keys(event);
  });
  function keys(event) {
    const page = Math.max(1, Math.floor(grid.scroll.clientHeight / ROW) - 4);
    const { row, column } = active, far = event.ctrlKey || event.metaKey;
    const to = {
      ArrowDown: [row + 1, column], ArrowUp: [row - 1, column], ArrowRight: [row, column + 1], ArrowLeft: [row, column - 1],
      PageDown: [row + page, column], PageUp: [row - page, column],
      Home: [far ? 0 : row, 0], End: [far ? rows.length - 1 : row, columns.length],
    }[event.key];
    if (to) { event.preventDefault(); move(...to); }
    else if (row >= 0 && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); detail(rows[row]); }
  }
  main.addEventListener("focusin", (event) => {
    const cell = event.target.closest("td, th"), row = cell && cell.parentNode;
    if (row && grid) active = { row: row === grid.head ? -1 : Number(row.dataset.row), column: cell.cellIndex };
  });
  main.addEventListener("mouseover", (event) => {
    if (!grid) return;
    const cell = event.target.closest("td, th"), hot = cell ? cell.cellIndex : 0;
    grid.cols.forEach((col, index) => col.classList.toggle("hot", index > 0 && index === hot));
  });
  addEventListener("hashchange", () => { state = read(); fill(); show(); });
  addEventListener("resize", () => draw(false));
  addEventListener("beforeprint", print);
  addEventListener("afterprint", () => printed.replaceChildren());
  matchMedia("print").addEventListener("change", (event) => { if (event.matches && !printed.firstChild) print(); });
  narrow.addEventListener("change", show);

  build();
  state = read();
  fill();
  show();
})();
