// In which encoding a file's text is written: by its byte order mark, by where its NUL bytes stand, or as the caller states.

const MARKS: readonly [bytes: readonly number[], name: string][] = [
  [[0xff, 0xfe, 0x00, 0x00], 'utf-32le'],
  [[0x00, 0x00, 0xfe, 0xff], 'utf-32be'],
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/** Of text in a Latin script every second byte is NUL in UTF-16. */
const NUL_SHARE = 0.3;

function byNulBytes(head: Buffer): string | null {
  const nuls = [0, 0];
  for (let i = 0; i < head.length; i += 1) {
    const byte = head[i]!;
    if (byte === 0) nuls[i % 2]! += 1;
    else if (byte < 9) return null;
  }
  const [even, odd] = nuls as [number, number];
  const half = head.length / 2;
  if (odd > half * NUL_SHARE && even < odd / 4) return 'utf-16le';
  if (even > half * NUL_SHARE && odd < even / 4) return 'utf-16be';
  return null;
}

/** The name that decoders know an encoding by. Null: they know none of this name. */
export function knownEncoding(name: string): string | null {
  try {
    return new TextDecoder(name).encoding;
  } catch {
    return null;
  }
}

const EXAMPLES = 'utf-8, windows-1252, iso-8859-15, macintosh, utf-16le';

/**
 * The encoding of a file that begins so. `stated`: by the operator; null: it was not stated. Or `problem`: why
 * there is none. Decoders skip the byte order mark.
 */
export function encodingOf(head: Buffer, stated: string | null): { name: string } | { problem: string } {
  const mark = MARKS.find(([bytes]) => bytes.every((b, i) => head[i] === b));
  const wanted = stated === null ? null : knownEncoding(stated);
  if (stated !== null && wanted === null)
    return {
      problem: `the encoding '${stated.slice(0, 40)}' is not known; known are ${EXAMPLES} and others`,
    };
  if (mark?.[1].startsWith('utf-32')) return { problem: 'it is written in UTF-32; save it as UTF-8' };
  if (mark !== undefined) {
    if (wanted !== null && wanted !== mark[1]) {
      return {
        problem: `--encoding is ${wanted}, but the file begins with the byte order mark of ${mark[1]}; omit --encoding`,
      };
    }
    return { name: mark[1] };
  }
  return { name: wanted ?? byNulBytes(head) ?? 'utf-8' };
}

/** Offset of the first byte that is not part of a UTF-8 character; −1: there is none. A cut character at the end is fine. */
export function firstInvalidUtf8(bytes: Buffer): number {
  for (let i = 0; i < bytes.length; ) {
    const b = bytes[i]!;
    const length =
      b < 0x80 ? 1 : b >= 0xc2 && b < 0xe0 ? 2 : b >= 0xe0 && b < 0xf0 ? 3 : b >= 0xf0 && b < 0xf5 ? 4 : 0;
    if (length === 0) return i;
    const second = bytes[i + 1];
    // Overlong forms, surrogates, and what lies beyond U+10FFFF.
    const [low, high] =
      b === 0xe0
        ? [0xa0, 0xbf]
        : b === 0xed
          ? [0x80, 0x9f]
          : b === 0xf0
            ? [0x90, 0xbf]
            : b === 0xf4
              ? [0x80, 0x8f]
              : [0x80, 0xbf];
    if (length > 1 && second !== undefined && (second < low || second > high)) return i;
    for (let k = 2; k < length; k += 1) {
      const next = bytes[i + k];
      if (next !== undefined && (next & 0xc0) !== 0x80) return i;
    }
    i += length;
  }
  return -1;
}

/** Bytes at the end that begin a UTF-8 character and do not finish it. */
export function cutUtf8Tail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const b = bytes[bytes.length - back]!;
    if ((b & 0xc0) === 0x80) continue;
    const length = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : b >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
