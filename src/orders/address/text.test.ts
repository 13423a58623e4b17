import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containsMask } from './masks.ts';
import { cleanText, keyOf, wordsOf } from './text.ts';

describe('cleanText', () => {
  it.each([
    ['Müller & Söhne, Straße 5½', 'Müller & Söhne, Straße 5½'],
    ['Łódź', 'Lódz'],
    ['Erdős Pál', 'Erdos Pál'],
    ['Œuvre Đorđe ẞ', 'OEuvre Dorde SS'],
    ['İstanbul Ğ ş ı', 'Istanbul G s i'],
    ['Nguyễn', 'Nguyen'],
    ['e\u0301', 'é'],
    ['x\u0301', 'x'],
    ['‘a’ “b” – c — d…', '\'a\' "b" - c - d...'],
    ['ＡＢＣ　１２３', 'ABC 123'],
    ['𝐉𝐚𝐧𝐞', 'Jane'],
    ['№ 5 ℅ Jane', 'No 5 c/o Jane'],
    ['12⅓ Main', '12 1/3 Main'],
    ['a\tb\r\nc\u2028d\u00A0 e', 'a b c d e'],
    ['a\u0000b\u200Bc\u00ADd', 'abcd'],
    ['Jane 🌸🇲🇽👨‍👩‍👧👍🏽 Doe', 'Jane Doe'],
    ['Apt 🅱 5️⃣ ©', 'Apt B 5 ©'],
  ])('%o becomes %o', (text, expected) => {
    expect(cleanText(text, 'latin')).toBe(expected);
  });

  it.each(['Иван', '東京', 'محمد', 'Ωmega', '\uD800', '\uFFFD', '🇯🇦', '★\u0915'])(
    'cannot write %o',
    (text) => {
      expect(cleanText(text, 'latin')).toBeNull();
    },
  );

  it('keeps every script but what cannot be printed where all are allowed', () => {
    expect(cleanText('東京　１丁目 ł🌸🅱\u200B', 'any')).toBe('東京 １丁目 ł B');
    expect(cleanText('\uD800', 'any')).toBeNull();
  });

  it('is idempotent, and Latin text is all in ISO 8859-1', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('latin' as const, 'any' as const),
        (text, script) => {
          const once = cleanText(text, script);
          if (once === null) return;

          expect(cleanText(once, script)).toBe(once);
          expect(script === 'any' || /^[ -~\u00A1-\u00FF]*$/.test(once)).toBe(true);
        },
      ),
    );
  });

  it('writes every letter of Latin Extended-A in Latin letters', () => {
    for (let code = 0x100; code < 0x180; code += 1) {
      expect(cleanText(String.fromCodePoint(code), 'latin')).toMatch(/^'?[A-Za-zÀ-ÿ·]{1,2}$/);
    }
  });
});

describe('comparing', () => {
  it('ignores case, accents, spaces and punctuation', () => {
    expect(wordsOf('Apt. 4B, Édifice')).toEqual(['apt', '4', 'b', 'edifice']);
    expect(keyOf('Washington, D.C.')).toBe(keyOf('washington dc'));
  });
});

describe('containsMask', () => {
  it.each(['*', 'J***', '＊', '﹡', '••', '• •', '█'])('%o is masked', (text) => {
    expect(containsMask(text)).toBe(true);
  });

  it.each(['', 'xxx', 'a • b • c', '#4'])('%o is not', (text) => {
    expect(containsMask(text)).toBe(false);
  });
});
