import { anything, choice, either, flag, integer, list, text, textMap, valueMap } from '../../model/field.ts';
import { jsonPathPattern } from '../json/json-path-pattern.ts';

const url = text({
  description: 'Where to ask. `${run}` stands for the id of the run.',
  pattern: '^https?://\\S+$',
  examples: ['http://127.0.0.1:7080/health'],
});
export const headers = textMap({
  description: 'Sent with the request.',
  optional: true,
  examples: [{ authorization: 'Bearer 1234' }],
});
export const body = anything({
  description: 'Sent with the request: a text as it is; anything else as JSON, with the content type of JSON.',
  optional: true,
  examples: [{ quantity: 1 }],
});
export const insecure = flag({
  description: 'Accept any certificate, also one that nobody vouches for.',
  default: false,
});

export const httpSettings = {
  url,
  method: choice(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])({
    description: 'The method of the request.',
    default: 'GET',
  }),
  headers,
  body,
  insecure,
};

const oneStatus = either(
  integer({ description: 'Exactly this status.', minimum: 100, maximum: 599 }),
  text({ description: 'This status, or a class of them: `2xx`.', pattern: '^[1-5](?:[0-9]{2}|xx)$' }),
)({ description: 'A status or a class of them.' });

export const httpExpectation = {
  status: either(
    oneStatus,
    list(oneStatus)({ description: 'Any of these.' }),
  )({
    description:
      'The status that is expected: one (`200`), a class (`2xx`) or a list of both. Redirects are not followed.',
    default: '2xx',
    examples: [200, '2xx', [200, 404]],
  }),
  contains: text({
    description: 'A text that the body holds.',
    minLength: 1,
    optional: true,
    examples: ['"status":"ok"'],
  }),
  json: valueMap({
    description:
      'What stands in the body: JSONPath (RFC 9535) to value. The path must select something, and all that it selects must equal the value.',
    propertyNames: { type: 'string', pattern: jsonPathPattern },
    optional: true,
    examples: [{ '$.status': 'ok' }],
  }),
};
