import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';

import { commitHash } from './commit-hash';
import { BlockUpdates, collectionSpace } from './updates';

/** Spelt out by hand from the messages in Fabric's `txmgr/updates.proto` and its order-preserving numbers. */
test('the commit hash covers codes, updates in their order, and the hash before', () => {
    const updates = new BlockUpdates();
    const version = { block: 0x1234, tx: 0 };
    updates.public.set('', 'CHANNEL_CONFIG_ENV_BYTES', {
        value: Buffer.from('left out'),
        metadata: undefined,
        version,
    });
    updates.public.set('ns', 'k2', { value: undefined, metadata: undefined, version: { block: 1, tx: 2 } });
    updates.public.set('ns', 'k1', { value: Buffer.from('v'), metadata: Buffer.from('left out'), version });
    updates.hashed.set(collectionSpace('ns', 'c'), 'ff00', { value: Buffer.from('h'), metadata: undefined, version });
    updates.hashed.set(collectionSpace('my', 'c'), '00', { value: Buffer.from('h'), metadata: undefined, version });
    const bytes = [
        '0a13' + '0a026d79' + '120163' + '1a0100' + '2a0168' + '320402123400',
        '0a11' + '0a026e73' + '1a026b31' + '2a0176' + '320402123400',
        '0a0c' + '1a026b32' + '2001' + '320401010102',
        '0a10' + '120163' + '1a02ff00' + '2a0168' + '320402123400',
    ].join('');
    const before = Buffer.alloc(32, 1);
    const expected = createHash('sha256')
        .update(Buffer.concat([Buffer.from('03000b00', 'hex'), Buffer.from(bytes, 'hex'), before]))
        .digest();
    expect(commitHash(Uint8Array.of(0, 11, 0), updates, before)).toEqual(expected);
});
