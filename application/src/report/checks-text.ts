import { isOpened, type Check } from '../audit/check';
import type { PublicDay } from '../audit/plain-day';

/** What was checked of a day, one line each, and what it comes to. */
export function checksText({ totals }: Pick<PublicDay, 'totals'>, checks: readonly Check[]): string {
    const { day, sums } = totals;
    const failed = checks.filter(({ holds }) => !holds).length;
    return [
        `${day}, checked from what is public: no household's figures are needed.`,
        '',
        ...checks.map(
            ({ what, holds, found }) => `${holds ? 'yes' : 'NO '}  ${what}${found === undefined ? '' : `: ${found}`}`,
        ),
        '',
        ...(sums === undefined || isOpened(sums)
            ? []
            : [
                  `The sums of ${sums.households} households cannot be opened: they would tell each about the other. So that they are those of the`,
                  "settlements, and what the supplier's part is, is the grid operator's word.",
              ]),
        failed === 0 ? 'Everything that was checked holds.' : `${failed} of ${checks.length} checks FAILED.`,
    ].join('\n');
}
