import { expect, test } from '@jest/globals';

import { isDiskFull, whatTheDiskSays } from './disk';

test.each([
    { error: new Error('ENOSPC: no space left on device, write'), isFull: true },
    { error: new Error('failed', { cause: new Error('IO error: 000005.log: No space left on device') }), isFull: true },
    { error: new Error('EFBIG: file too large, write'), isFull: true },
    { error: new Error('IO error: 000005.log: Disk quota exceeded'), isFull: true },
    { error: new Error('EIO: i/o error, write'), isFull: false },
    { error: 'EIO', isFull: false },
])('a disk that says $error is full: $isFull', ({ error, isFull }) => {
    expect(isDiskFull(error)).toBe(isFull);
    expect(whatTheDiskSays(error).includes('make room')).toBe(isFull);
});

test('what a database keeps in the cause is said', () => {
    const error = new Error('failed to write', { cause: new Error('IO error: No space left on device') });
    expect(whatTheDiskSays(error)).toBe(
        'the disk is full (failed to write: IO error: No space left on device): make room',
    );
});
