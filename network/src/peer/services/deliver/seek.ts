import { orderer } from '@hyperledger/fabric-protos';

const { TypeCase } = orderer.SeekPosition;

/** Block numbers a client asked for, first and last; `last` undefined: for ever. */
export interface SeekRange {
    readonly first: number;
    readonly last: number | undefined;
}

function first(position: orderer.SeekPosition, height: number): number | undefined {
    switch (position.getTypeCase()) {
        case TypeCase.OLDEST:
            return 0;
        case TypeCase.NEWEST:
            return height - 1;
        case TypeCase.SPECIFIED:
            return position.getSpecified()?.getNumber() ?? 0;
        case TypeCase.NEXT_COMMIT:
            return height;
        default:
            return undefined;
    }
}

function last(position: orderer.SeekPosition, start: number, height: number): number | undefined {
    switch (position.getTypeCase()) {
        case TypeCase.OLDEST:
            return start;
        case TypeCase.NEWEST:
            return height - 1;
        case TypeCase.SPECIFIED: {
            const number = position.getSpecified()?.getNumber() ?? 0;
            return Number.isSafeInteger(number) ? number : undefined;
        }
        default:
            return undefined;
    }
}

/** Undefined for a request that makes no sense: no start or stop, or a stop before the start. */
export function seekRange(seek: orderer.SeekInfo, height: number): SeekRange | undefined {
    const [start, stop] = [seek.getStart(), seek.getStop()];
    if (!start || !stop) return undefined;
    const begin = first(start, height);
    if (begin === undefined) return undefined;
    const end = last(stop, begin, height);
    if (end !== undefined && end < begin) return undefined;
    return { first: begin, last: end };
}
