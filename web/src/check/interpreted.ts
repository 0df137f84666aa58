import { z } from 'zod';

// The pages' security policy forbids to make code out of text: schemas are interpreted instead of compiled. They ask for this when they are made, so
// that this module comes before all that make some.
z.config({ jitless: true });
