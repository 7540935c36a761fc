import { nothingStandsInTheWay } from './accessible';

nothingStandsInTheWay('phone');
