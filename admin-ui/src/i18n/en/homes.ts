export const homes = {} as const;
