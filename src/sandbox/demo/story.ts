export type Who = 'buyer' | 'seller' | 'TikTok' | 'Amazon' | 'connector' | 'network';

/** Lines of the story, printed in the order of the clock although they are observed in any order. */
export type Story = {
  tell(atMs: number, who: Who, text: string): void;
  /** Prints what happened up to this time; all of it when no time is given. */
  flush(untilMs?: number): void;
};

/** HH:MM of the shop's clock. */
export const timeOfDay = (ms: number): string => new Date(ms).toISOString().slice(11, 16);

const WIDTH = 100;
const INDENT = ' '.repeat(18);

const wrap = (text: string): string => {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join(`\n${INDENT}`);
};

/** Who speaks first of what happened at the same time: causes before effects. */
const RANKS: Readonly<Record<Who, number>> = {
  buyer: 0,
  seller: 0,
  TikTok: 1,
  Amazon: 2,
  network: 3,
  connector: 4,
};

/** `print` takes one entry at a time. */
export const createStory = (print: (text: string) => void): Story => {
  let waiting: { atMs: number; who: Who; text: string }[] = [];
  return {
    tell(atMs, who, text) {
      waiting.push({ atMs, who, text });
    },
    flush(untilMs = Number.POSITIVE_INFINITY) {
      waiting.sort((a, b) => a.atMs - b.atMs || RANKS[a.who] - RANKS[b.who]);
      const due = waiting.filter((entry) => entry.atMs <= untilMs);
      waiting = waiting.slice(due.length);
      for (const { atMs, who, text } of due) print(`${timeOfDay(atMs)}  ${who.padEnd(9)}  ${wrap(text)}`);
    },
  };
};
