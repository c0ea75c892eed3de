// A file to import lazily: imported directly, a bundled CommonJS package would have none of its names, only a default.
export { compile } from 'json-p3';
