import { expect, test } from '@jest/globals';
import { accountText } from './account-text';

const nothing = { account: null, statements: [], withdrawals: [] };

test('an account on which nothing has moved says so, and nothing of rewards that were not paid', () => {
    const rewards = { epochs: [], rewardsNanos: 0n };
    expect(accountText('H1', { ...nothing, rewards }, 'EUR')).toBe(
        'Nothing has moved on the account of H1 yet; waiting to be taken in: 0 statements.',
    );
});

test('rewards stand under what moved, by epoch, with all their digits', () => {
    const epochs = [
        { epoch: '2025-04-15', amountNanos: 1_234_567n },
        { epoch: '2025-04-16', amountNanos: 2_000_000_000n },
    ];
    const rewards = { epochs, rewardsNanos: 2_001_234_567n };
    expect(
        accountText('H1', { ...nothing, rewards }, 'EUR')
            .split('\n')
            .slice(1),
    ).toEqual([
        "Rewards for produced blocks and cleared rounds, from the community's account: 2.001234567 EUR.",
        '  2025-04-15: 0.001234567 EUR',
        '  2025-04-16: 2.00 EUR',
    ]);
});
