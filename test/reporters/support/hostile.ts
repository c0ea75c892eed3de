import fc from 'fast-check';

/** What others may write into names, messages and outputs to break what shows them. */
export const hostileTexts = [
  '<script>alert(1)</script>',
  ']]> & " \' <![CDATA[',
  '<!-- -- -->',
  '\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u001b[2J\u001b[1;1H \u009b31m',
  'a\r\nb\tc\u0000d\u0008e\u001b',
  'lone \ud800 and \udc00 surrogates',
  'not a character: \ufffe \uffff',
  'turned \u202e around, hidden \u200b\u2066 here',
  '日本語のテキスト、とても長い、端末では二倍の幅になる、そして折り返される',
  '🧨👩‍👩‍👧‍👦 e\u0301',
  '__proto__',
  'true',
  '',
  ' ',
  'x'.repeat(5000),
];

export const hostileText = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc.array(fc.constantFrom(...hostileTexts), { maxLength: 4 }).map((texts) => texts.join('')),
);
