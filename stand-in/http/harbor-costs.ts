// Prices of a real Harbor v2.15.1 on two cores with PostgreSQL beside it.
import { type CostModel } from './costs.ts'

export const HARBOR_COSTS: CostModel = {
  cores: 2,
  price: () => 5,
}
