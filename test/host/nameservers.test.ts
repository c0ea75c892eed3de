import { describe, expect, it } from 'vitest';
import { nameserversIn, withNameservers } from '../../src/host/nameservers.ts';

const file = `# by hand
nameserver 10.0.0.2
search internal example.com
nameserver\tfe80::1%eth0
 nameserver 10.0.0.9
nameserver 10.0.0.2 # again
; nameserver 10.0.0.8
options ndots:2
`;

describe('a resolv.conf', () => {
  it('names its nameservers, each once', () => {
    expect(nameserversIn(file)).toEqual(['10.0.0.2', 'fe80::1%eth0']);
  });

  it('that names none means this machine, as the C library reads it', () => {
    expect(nameserversIn('search internal\nnameserver nonsense\n')).toEqual(['127.0.0.1']);
    expect(nameserversIn('')).toEqual(['127.0.0.1']);
  });

  it('keeps all else when its nameservers are replaced', () => {
    const others = new Map([
      ['10.0.0.2', '127.53.1.1'],
      ['fe80::1%eth0', '127.53.1.2'],
    ]);
    const replaced = withNameservers(file, others);
    expect(nameserversIn(replaced)).toEqual(['127.53.1.1', '127.53.1.2']);
    expect(replaced).toContain('search internal example.com\n');
    expect(replaced).toContain('options ndots:2\n');
  });
});
