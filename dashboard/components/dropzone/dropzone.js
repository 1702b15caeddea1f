// Files being sent outlive the element: whoever goes to another page and comes back finds them here.
const KEY = Symbol.for("vidtrail.sending");
const sending = (globalThis[KEY] ??= { files: [], views: new Set(), next: 1, busy: false });
const LEAST_MS = 120; // between two drawings of progress

function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let k = 0;
  while (count >= 1000 && k < units.length - 1) { count /= 1000; k += 1; }
  return `${count >= 100 || k === 0 ? Math.round(count) : count.toFixed(1)} ${units[k]}`;
}

function shown() { for (const view of sending.views) view.draw(); }

function leaving(event) { event.preventDefault(); }

function guard() { // a closed tab would cut off what is on its way
  const on = sending.files.some((file) => file.state === "waiting" || file.state === "sending");
  (on ? addEventListener : removeEventListener)("beforeunload", leaving);
}

function put(files, address, suffixes) {
  for (const file of files) {
    const dot = file.name.lastIndexOf("."), suffix = dot < 0 ? "" : file.name.slice(dot).toLowerCase();
    const known = suffixes.includes(suffix);
    sending.files.push({
      id: (sending.next += 1), file, address, share: 0, state: known ? "waiting" : "failed",
      said: known ? "" : `${suffix || "A name without an ending"} is no kind of video known here.`,
    });
  }
  shown();
  guard();
  work();
}

async function work() {
  if (sending.busy) return;
  const item = sending.files.find((file) => file.state === "waiting");
  if (!item) return;
  sending.busy = true;
  item.state = "sending";
  shown();
  const answer = await taken(item);
  sending.busy = false;
  if (item.state === "sending") Object.assign(item, answer);
  if (item.state === "done") {
    sending.files = sending.files.filter((file) => file !== item);
    if (item.said && item.job === null) sending.files.push({ ...item, state: "known", file: { name: item.file.name, size: 0 } });
    for (const view of sending.views) view.arrived(item.job);
  }
  guard();
  shown();
  work();
}

const named = (item) => ({ "Upload-Name": encodeURIComponent(item.file.name) });

async function refusal(item) { // asked without the file: a refusal while one sends is not shown to us
  try {
    const answer = await fetch(item.address, { method: "POST", headers: { ...named(item), "Upload-Ask": String(item.file.size) } });
    const said = await answer.json();
    return answer.ok ? "" : said.said;
  } catch {
    return "The server does not answer.";
  }
}

async function taken(item) {
  const why = await refusal(item);
  if (why) return { state: "failed", said: why };
  if (item.state !== "sending") return {};
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    item.cancel = () => request.abort();
    let last = 0;
    request.upload.addEventListener("progress", (event) => {
      item.share = event.lengthComputable ? event.loaded / event.total : 0;
      if (performance.now() - last < LEAST_MS) return;
      last = performance.now();
      shown();
    });
    request.addEventListener("load", () => {
      let said = {};
      try { said = JSON.parse(request.responseText); } catch { said = { said: `The server answered ${request.status}.` }; }
      done(request.status === 200 ? { state: "done", ...said } : { state: "failed", said: said.said });
    });
    request.addEventListener("error", async () => {
      done({ state: "failed", said: (await refusal(item)) || "The connection was lost: send it again." });
    });
    request.addEventListener("abort", () => done({}));
    request.open("POST", item.address);
    for (const [name, value] of Object.entries(named(item))) request.setRequestHeader(name, value);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(item.file);
  });
}

function drop(item) {
  const sent = item.state === "sending";
  item.state = "dropped";
  sending.files = sending.files.filter((file) => file !== item);
  if (sent) item.cancel?.();
  guard();
  shown();
}

// Folders that are dropped are opened; of what lies in them only videos are taken.
async function inside(entry, suffixes, found) {
  if (entry.isFile) {
    const file = await new Promise((done, bad) => entry.file(done, bad));
    if (suffixes.some((suffix) => file.name.toLowerCase().endsWith(suffix))) found.push(file);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, bad) => reader.readEntries(done, bad));
    if (!some.length) return;
    for (const each of some) if (!each.name.startsWith(".")) await inside(each, suffixes, found);
  }
}

async function dropped(transfer, suffixes) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const found = [];
  for (const entry of entries) await inside(entry, suffixes, found);
  return found;
}

function line(item) {
  const how = make("span", { className: "how" }), bar = make("progress", { max: 1 });
  const x = make("button", { type: "button", className: "x" });
  x.innerHTML = '<svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><path d="M2 2l10 10M12 2 2 12" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/></svg>';
  x.addEventListener("click", () => drop(item));
  const row = make("li", {}, make("span", { className: "name", textContent: item.file.name, title: item.file.name }), how, x, bar);
  bar.setAttribute("aria-label", `Sent of ${item.file.name}`);
  return {
    row,
    draw() {
      const over = item.state === "failed" || item.state === "known";
      row.className = item.state === "failed" ? "bad" : item.state;
      how.textContent = over ? item.said : item.state === "waiting" ? `waiting · ${bytes(item.file.size)}`
        : item.share >= 1 ? "checking …" : `${Math.floor(100 * item.share)} % of ${bytes(item.file.size)}`;
      bar.value = item.share;
      bar.hidden = item.state === "known";
      x.setAttribute("aria-label", over ? `Dismiss ${item.file.name}` : `Cancel ${item.file.name}`);
      x.title = over ? "Dismiss" : "Cancel";
    },
  };
}

function zone(parentElement) {
  const root = parentElement.querySelector(".root"), area = root.querySelector(".zone"), list = root.querySelector(".files");
  const input = root.querySelector("input"), status = root.querySelector("[role=status]"), lines = new Map();
  let data, send, depth = 0;
  const current = () => data.profiles.find((profile) => profile.name === data.chosen) ?? data.profiles[0];
  const take = (files) => { if (files.length) put(files, current().upload, data.suffixes); };
  const view = {
    draw() {
      for (const [item, held] of lines) if (!sending.files.includes(item)) { held.row.remove(); lines.delete(item); }
      for (const item of sending.files) {
        if (!lines.has(item)) { lines.set(item, line(item)); list.append(lines.get(item).row); }
        lines.get(item).draw();
      }
      const left = sending.files.filter((file) => file.state === "waiting" || file.state === "sending").length;
      const said = left ? `${left} ${left === 1 ? "file" : "files"} being sent` : "";
      if (status.textContent !== said) status.textContent = said;
    },
    arrived(job) { send("sent", { job }); },
  };
  const files = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = {
    dragenter(event) { if (files(event)) { event.preventDefault(); depth += 1; area.classList.add("over"); } },
    dragover(event) { if (files(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } },
    dragleave(event) { if (files(event) && (depth -= 1) <= 0) { depth = 0; area.classList.remove("over"); } },
    async drop(event) {
      if (!files(event)) return;
      event.preventDefault();
      depth = 0;
      area.classList.remove("over");
      take(await dropped(event.dataTransfer, data.suffixes));
    },
  };
  root.querySelector(".choose").addEventListener("click", () => input.click());
  root.querySelector(".folder").addEventListener("click", () => send("folder"));
  root.querySelector(".samples").addEventListener("click", () => send("samples"));
  input.addEventListener("change", () => { take([...input.files]); input.value = ""; });
  const button = root.querySelector(".profile");
  button.addEventListener("click", () => popover(root, button, "Profile", (menu, close) => {
    const options = make("div", { className: "profiles" });
    for (const profile of data.profiles) {
      const item = make("button", { type: "button", className: "item" },
        make("b", { textContent: profile.name }), make("small", { textContent: profile.said }),
        profile.need ? make("small", { className: "need", textContent: profile.need }) : null);
      if (profile.name === data.chosen) item.setAttribute("aria-current", "true");
      item.addEventListener("click", () => { close(); if (profile.name !== data.chosen) send("profile", { name: profile.name }); });
      options.append(item);
    }
    menu.append(options);
  }));
  return {
    show(component) {
      ({ data } = component);
      send = sender(component);
      root.classList.toggle("first", data.first);
      root.querySelector("h2").textContent = data.first ? "Add your first videos" : "Drop videos anywhere on this page";
      const need = current().need;
      root.querySelector(".say p").textContent = data.first
        ? "Drop files or folders anywhere on this page, or choose them. They are read on this server, and nothing leaves it."
        : need || current().said;
      root.querySelector(".which").textContent = `${current().name}: ${need || current().said}`;
      button.replaceChildren(make("span", { className: "quiet", textContent: "Profile" }), make("b", { textContent: current().name }));
      button.hidden = false;
      view.draw();
    },
    mount() {
      sending.views.add(view);
      for (const [name, heard] of Object.entries(over)) document.addEventListener(name, heard);
    },
    unmount() {
      sending.views.delete(view);
      for (const [name, heard] of Object.entries(over)) document.removeEventListener(name, heard);
    },
  };
}

const zones = new WeakMap();

export default function (component) {
  const { parentElement } = component;
  if (!zones.has(parentElement)) {
    zones.set(parentElement, zone(parentElement));
    zones.get(parentElement).mount();
  }
  const held = zones.get(parentElement);
  held.show(component);
  return () => { held.unmount(); zones.delete(parentElement); };
}
