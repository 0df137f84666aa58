import { readFileSync } from 'node:fs';
import { orderRecord, type OrderRecord } from '@commonwatt/chaincode/api/records';

/**
 * The orders that the household's agent keeps on its disk, while it may be writing them: a line that is not whole yet is not there yet. Nothing is
 * changed; the agent itself mends what a power cut has left.
 */
export function ordersOnDisk(path: string): OrderRecord[] {
    let text: string;
    try {
        text = readFileSync(path, 'utf8');
    } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
            return []; // It has ordered nothing.
        }
        throw error;
    }
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    return whole
        .split('\n')
        .filter(Boolean)
        .map((line) => orderRecord.parse(JSON.parse(line)));
}
