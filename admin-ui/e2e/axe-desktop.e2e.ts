import { nothingStandsInTheWay } from './accessible';

nothingStandsInTheWay('desktop');
