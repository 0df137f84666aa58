import { describe, expect, it } from '@jest/globals';
import { nextStatus, type DisputeStatus, type DisputeStep } from './dispute';

describe('a dispute', () => {
    it.each<{ status: DisputeStatus; step: DisputeStep; to: string | RegExp }>([
        { status: 'opened', step: 'answer', to: 'answered' },
        { status: 'opened', step: 'uphold', to: 'upheld' },
        { status: 'opened', step: 'reject', to: /DISPUTE_NOT_ANSWERED/ },
        { status: 'opened', step: 'withdraw', to: 'withdrawn' },
        { status: 'answered', step: 'answer', to: 'answered' },
        { status: 'answered', step: 'uphold', to: 'upheld' },
        { status: 'answered', step: 'reject', to: 'rejected' },
        { status: 'answered', step: 'withdraw', to: 'withdrawn' },
        ...(['upheld', 'rejected', 'withdrawn'] as const).flatMap((status) =>
            (['answer', 'uphold', 'reject', 'withdraw'] as const).map((step) => ({ status, step, to: /DISPUTE_OVER/ })),
        ),
    ])('that is $status, to $step: $to', ({ status, step, to }) => {
        const next = (): string => nextStatus(status, step);
        if (typeof to === 'string') {
            expect(next()).toBe(to);
        } else {
            expect(next).toThrow(to);
        }
    });
});
