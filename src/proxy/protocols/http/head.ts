/** The head of a message: its start line, and its fields by lower-case name. */
export interface Head<Start> {
  start: Start;
  /** Of fields that stand there several times the values are joined by `, `. */
  fields: ReadonlyMap<string, string>;
}

export interface RequestLine {
  method: string;
  /** As written: `/path?query`, `http://host/path`, `host:port` or `*`. */
  target: string;
  /** 1 for HTTP/1.1. */
  minorVersion: number;
}

export interface StatusLine {
  status: number;
  minorVersion: number;
}

/** How a start line is read. @returns `undefined` when it is none */
export interface StartLine<Start> {
  read(line: string): Start | undefined;
  /** Whether a line that begins so can become one: what cannot is not waited for. */
  mayBegin(line: string): boolean;
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
const requestLine = new RegExp(`^(${token}+) ([^ ]+) HTTP/1\\.([0-9])$`);
const requestBeginning = new RegExp(`^(?:\r?|${token}{1,40}(?: [^\0]*)?)$`);
/** As much of it as can tell whether it is one, however long it grows a byte at a time. */
const beginningLength = 64;
const statusLine = /^HTTP\/1\.([0-9]) ([1-9][0-9]{2})(?: .*)?$/;
const version = 'HTTP/1.';

export const ofRequest: StartLine<RequestLine> = {
  read(line) {
    const found = requestLine.exec(line);
    return found ? { method: found[1]!, target: found[2]!, minorVersion: Number(found[3]) } : undefined;
  },
  mayBegin: (line) => requestBeginning.test(line.slice(0, beginningLength)),
};

export const ofAnswer: StartLine<StatusLine> = {
  read(line) {
    const found = statusLine.exec(line);
    return found ? { status: Number(found[2]), minorVersion: Number(found[1]) } : undefined;
  },
  mayBegin: (line) => line === '\r' || version.startsWith(line.slice(0, version.length)),
};

/** Whether a field that holds a list, such as Connection, has this word in it. */
export const hasWord = (value: string | undefined, word: string): boolean =>
  value?.split(',').some((one) => one.trim().toLowerCase() === word) ?? false;
