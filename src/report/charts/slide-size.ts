/** A slide of 16:9, in CSS pixels. */
export const slideSize = { width: 1280, height: 720 } as const;
