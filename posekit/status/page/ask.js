// Asking the show over HTTP; every answer is JSON, and every refusal carries a sentence.

export class Refusal extends Error {
  constructor(code, sentence) {
    super(sentence);
    this.code = code;
  }
}

let onLocked = () => {};
export const whenLocked = (then) => { onLocked = then; };

export async function ask(path, method = "GET", body = undefined, signal = undefined) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal,
    });
  } catch {
    throw new Refusal(0, "the show does not answer");
  }
  const data = await answer.json().catch(() => ({}));
  if (answer.status === 401 && path !== "/api/login") onLocked();
  if (!answer.ok) throw new Refusal(answer.status, data.error ?? `the show answers ${answer.status}`);
  return data;
}

export const act = (name, value) =>
  ask(`/api/actions/${encodeURIComponent(name)}`, "POST", value === undefined ? {} : { value });

// Sends the newest value of each name, and not more than a few a second: a slider says hundreds.
const waiting = new Map();
export function setParameter(name, value, told) {
  const isIdle = !waiting.has(name);
  waiting.set(name, { value, told });
  if (isIdle) send(name);
}

async function send(name) {
  while (waiting.get(name)) {
    const { value, told } = waiting.get(name);
    waiting.set(name, null);
    try {
      await ask(`/api/parameters/${encodeURIComponent(name)}`, "PUT", { value });
      told(null);
    } catch (error) {
      told(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
  waiting.delete(name);
}
