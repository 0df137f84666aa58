import { orderer } from '@hyperledger/fabric-protos';

/** First and last block that a request asks for; the last may lie in the future, up to `Number.MAX_SAFE_INTEGER`. */
export interface SeekRange {
    readonly start: number;
    readonly stop: number;
}

export interface SeekRefused {
    readonly refused: 'BAD_REQUEST' | 'NOT_FOUND';
    readonly why: string;
}

/** What a seek request means for a ledger of this height, by the rules of Fabric's deliver service. */
export function seekRange(seek: orderer.SeekInfo, height: number): SeekRange | SeekRefused {
    const [from, to] = [seek.getStart(), seek.getStop()];
    if (from === undefined || to === undefined) {
        return { refused: 'BAD_REQUEST', why: 'seek info has no start or no stop' };
    }
    const start = startOf(from, height);
    if (start === undefined) {
        return { refused: 'NOT_FOUND', why: `there is no such start among ${height} blocks` };
    }
    const stop = stopOf(to, start, seek, height);
    if (stop === undefined || stop < start) {
        return { refused: 'BAD_REQUEST', why: `start number ${start} is greater than stop number ${stop ?? 'none'}` };
    }
    return { start, stop };
}

function startOf(position: orderer.SeekPosition, height: number): number | undefined {
    switch (position.getTypeCase()) {
        case orderer.SeekPosition.TypeCase.OLDEST:
            return 0;
        case orderer.SeekPosition.TypeCase.NEWEST:
            return height - 1;
        case orderer.SeekPosition.TypeCase.NEXT_COMMIT:
            return height;
        case orderer.SeekPosition.TypeCase.SPECIFIED: {
            const number = position.getSpecified()?.getNumber() ?? 0;
            return number > height ? undefined : number;
        }
        case orderer.SeekPosition.TypeCase.TYPE_NOT_SET:
            return undefined;
    }
}

function stopOf(
    position: orderer.SeekPosition,
    start: number,
    seek: orderer.SeekInfo,
    height: number,
): number | undefined {
    switch (position.getTypeCase()) {
        case orderer.SeekPosition.TypeCase.OLDEST:
            return start;
        case orderer.SeekPosition.TypeCase.NEWEST:
            return seek.getStart()?.hasNewest() === true ? start : height - 1;
        case orderer.SeekPosition.TypeCase.SPECIFIED:
            return Math.min(position.getSpecified()?.getNumber() ?? 0, Number.MAX_SAFE_INTEGER);
        case orderer.SeekPosition.TypeCase.NEXT_COMMIT:
        case orderer.SeekPosition.TypeCase.TYPE_NOT_SET:
            return undefined;
    }
}
