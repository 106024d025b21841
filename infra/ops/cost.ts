/** `make cost`: what a deployment costs. 0: printed; 2: asked wrongly. */
import { main } from './common/command.ts';
import { costCommand } from './cost/command.ts';

await main(costCommand());
