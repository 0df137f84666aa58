import { expect, test } from '@jest/globals';

import { ConcurrencyLimit } from './concurrency-limit';

test('takes as many requests at a time as the limit says, and again as many when they are done', async () => {
    const limit = new ConcurrencyLimit('/protos.Endorser', 2);
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
        finish = resolve;
    });
    const running = [limit.run(() => gate), limit.run(() => gate)];
    await expect(limit.run(() => Promise.resolve())).rejects.toThrow(
        'too many requests for /protos.Endorser, exceeding concurrency limit (2)',
    );
    finish();
    await Promise.all(running);
    await expect(limit.run(() => Promise.resolve('in'))).resolves.toBe('in');
});

test('a request that fails gives its place back', async () => {
    const limit = new ConcurrencyLimit('/gateway.Gateway', 1);
    await expect(limit.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(limit.run(() => Promise.resolve('in'))).resolves.toBe('in');
});
