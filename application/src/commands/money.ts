import { InputError } from '../data/input-error';

const NANOS_PER_HUNDREDTH = 10_000_000n;

/** An amount as people write it, with at most two decimals. @throws InputError for anything else, and for nothing at all. */
export function nanosOf(command: string, amount: string | undefined): bigint {
    const parts = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(amount ?? '');
    const hundredths = parts === null ? 0n : BigInt(`${parts[1] ?? ''}${(parts[2] ?? '').padEnd(2, '0')}`);
    if (hundredths === 0n) {
        throw new InputError({ file: command }, `'${amount ?? ''}' is not an amount of money; write it as 12.50`);
    }
    return hundredths * NANOS_PER_HUNDREDTH;
}
