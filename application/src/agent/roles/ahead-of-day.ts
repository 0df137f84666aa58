import type { Charter } from '@commonwatt/chaincode/api/records';
import { dayAheadOn } from '@commonwatt/chaincode/domain/schedule/terms';
import { dayAhead } from '../../community/day-ahead';
import type { HomeForecast } from '../../day-ahead/own-schedule';
import type { DayAheadOutcome } from '../../day-ahead/plan';
import { Schedule } from '../../market/schedule';
import type { OwnMember } from '../own-member';

/** Whether a day is to be agreed on ahead, and what came of it. */
export type Standing = 'none' | 'pending' | 'agreed' | 'failed';

/** What the own peer says of a day ahead. */
export class LedgerOfDayAhead {
    protected readonly own: OwnMember;
    protected readonly day: string;
    #standing: Standing | undefined;

    constructor(own: OwnMember, day: string) {
        this.own = own;
        this.day = day;
    }

    /** Once it has ended it stays so. */
    async standing(charter: Charter): Promise<Standing> {
        this.#standing ??= await this.#ended(charter);
        return this.#standing ?? 'pending';
    }

    async #ended(charter: Charter): Promise<Standing | undefined> {
        if (dayAheadOn(charter.dayAhead, this.day) === undefined) {
            return 'none';
        }
        const status = (await new Schedule(this.own.access.calls).find(this.day))?.status;
        switch (status) {
            case undefined:
                return 'none'; // Opened while days were traded by auction.
            case 'converged':
                return 'agreed';
            case 'notConverged':
                return 'failed';
            case 'planned':
            case 'open':
                return undefined;
        }
    }
}

/** An organisation's part in agreeing on a day ahead. */
export class AheadOfDay extends LedgerOfDayAhead {
    /** Undefined until it has taken part in this life, if only to read what came of it. */
    outcome: DayAheadOutcome | undefined;

    override async standing(charter: Charter): Promise<Standing> {
        const standing = await super.standing(charter);
        return standing === 'agreed' && this.outcome === undefined ? 'pending' : standing;
    }

    /** Takes part until the run has ended. Where it has it only reads what came of it. `forecast`: of a household. */
    async agree(charter: Charter, forecast?: HomeForecast): Promise<DayAheadOutcome> {
        const { own, day } = this;
        const run = await dayAhead(own.members, {
            charter,
            day,
            as: [own.organisation.id],
            forecast: () => forecast ?? { load: [], generation: [] },
            report: () => undefined,
        });
        this.outcome = await run.run();
        return this.outcome;
    }
}
