import type { Disputed, DisputeMarker, DisputeRecord } from '@commonwatt/chaincode/api/records';
import type { Evidence } from '../data/evidence';

export interface DisputeView {
    readonly dispute: DisputeMarker;
    readonly statements: readonly DisputeRecord[];
}

/** What happened to a dispute, and what comes next. */
export function disputeText(home: string, marker: DisputeMarker, evidence: readonly Evidence[]): string {
    return [
        `Dispute ${marker.id} of ${home} over ${subject(marker.about)} is ${marker.status}; statements so far: ${marker.statements}.`,
        ...evidence.map(({ file, sha256 }) => `  evidence ${file}: SHA-256 ${sha256}`),
        ...(evidence.length === 0 ? [] : ['Keep these files as they are: only their hashes are on the ledger.']),
        nextStep(home, marker),
    ].join('\n');
}

function nextStep(home: string, { id, status, about }: DisputeMarker): string {
    const again = `commonwatt dispute ${home}`;
    switch (status) {
        case 'opened':
            return `Next: the grid operator answers (\`${again} answer --id ${id} --text …\`), or the home withdraws it.`;
        case 'answered':
            return `Next: it is resolved (\`${again} resolve --id ${id} --decision upheld|rejected\`), or the home withdraws it.`;
        case 'upheld':
            return about.kind === 'bill'
                ? 'Next: the bill is put right by a credit note (`commonwatt billing credit-note`); the decision itself moves no money.'
                : 'Next: the reading is corrected, and a correction adds the difference; the decision itself moves no money.';
        case 'rejected':
        case 'withdrawn':
            return 'It is over; what was contested stays as it is.';
    }
}

/** All of one home, with what was said. */
export function disputesText(home: string, disputes: readonly DisputeView[]): string {
    if (disputes.length === 0) {
        return `${home} has no disputes; \`commonwatt dispute ${home} open --about bill --text …\` opens one.`;
    }
    return disputes
        .flatMap(({ dispute, statements }) => [
            `${dispute.id}: ${subject(dispute.about)}, ${dispute.status}`,
            ...statements.flatMap(({ by, text, evidence }) => [
                `  ${by === 'member' ? home : 'the grid operator'}: ${text}`,
                ...evidence.map((hash) => `    evidence with SHA-256 ${hash}`),
            ]),
        ])
        .join('\n');
}

function subject(about: Disputed): string {
    switch (about.kind) {
        case 'reading':
            return `the reading of slot ${about.slot}`;
        case 'settlement':
            return `the settlement of ${about.day}`;
        case 'correction':
            return `correction ${about.number} of ${about.day}`;
        case 'bill':
            return about.from === about.to ? `the bill of ${about.from}` : `the bill from ${about.from} to ${about.to}`;
        case 'suspicion':
            return `the suspicion of ${about.day}`;
    }
}
