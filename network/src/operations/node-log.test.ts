import { expect, test } from '@jest/globals';

import { nodeLog } from './node-log';

test('a log goes on behind a disk that was full, and says how much is missing', () => {
    const lines: string[] = [];
    let isFull = false;
    const log = nodeLog('peers', (line) => {
        if (isFull) throw new Error('ENOSPC: no space left on device, write');
        lines.push(line);
    });
    log.info('before');
    isFull = true;
    log.info('lost');
    log.info('lost too');
    isFull = false;
    log.info('after');
    log.info('and on');
    const said = lines.join('').trimEnd().split('\n');
    expect(said.map((line) => (JSON.parse(line) as { readonly msg: string }).msg)).toEqual([
        'before',
        '2 lines are missing',
        'after',
        'and on',
    ]);
});
