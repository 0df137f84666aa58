import type { z } from 'zod';
import type { ROUTES } from '../schemas/routes';

type Answering = {
    [N in keyof typeof ROUTES]: (typeof ROUTES)[N] extends { readonly answers: z.ZodType } ? N : never;
}[keyof typeof ROUTES];

/** What a route answers, before it is written as JSON. */
export type AnswerTo<N extends Answering> = z.output<(typeof ROUTES)[N]['answers']>;
