/** A trace that the zstd program packed (zstd -19 --check), and what it packed. */

export const packedSample = Buffer.from(
  'KLUv/WRFCz0XACpOpAgLsFUHhFLuhjNHzTqJAIUAhQA1d6hA30a9Kq7ZNPRELGdH2VmSQ8mvtrWXzQ2ZjE8XuYPIJl0d6JPapC6q' +
    'ezWRPXJLjzHOCTmMzddutYu8JBP7nC0RhwxNsYNUfNTNrkD3JpmHt8wc0ZtBhwh+oTaRi+52ojyxRB2smYwD5aNt0+vmViaKBwQQ' +
    'oFxAAAR3gAAEzAQBBOABBEAQAhfVlZqkHqrl6hiyOXKH6WfcQi6b2061h1xIDmGnnB0k4hvazK6KS53sCbTEHSEzg3eIma+3CV3B' +
    'G2oSeegW9iBlMg6M+mq2iUsubZo+N0vgERgzsDwE3jcbr3A5zXNLeRzFvMrhbr5utEvuxFTz1BKHUaZFD0b3yRbqCl6hqffMwjtK' +
    'ZgYVC/UImxHoEPfJbLxr5vYmoSe4hDooMkl3YD/KFlfUrZkmHlloR4jpDHFzqHwUW3ndnYlPWHjczLvDlR/FVrlu7nSiPbJMHFYz' +
    'rQ4WH2WLXnRXZAr1BBeho3qz5lC8T2abuwJdm6hPxWJ2dGg24tCzj91ILvLWpvaxWUIOMk7qgeQ+su0q33S7uSqXYiqfW+Y4zguH' +
    '4zfbXeWlmCrPzWI9jDZNDjbx1WxRV1zKFH3olpKjQs0KHkro620zF+/KTHNPoMWOUmcrDjX7hraI6+yyE8lDLrWD2kk2Bwr5jFsv' +
    'uUs2XT1Ui9QxUnOoDnP1kW1yV69xCnlslvaQ2hTyICQfu51dEXdoMnsCgSeoESQksNv/DAFz0iwHEYRgP24EttdlFWgKTPP2HwAz' +
    'rMLgQHo3dcHWr8O9B4T8AUEn6w46aYdgqm8nBDDURNupfAjF1Fks58wIFMHSZ6YwTKI5UbSkbvvW8a0gnpa4H/c8pS+X6WQMynFg' +
    'txIEXUTj04ZQ3f/QENPRsww4t9tzKORpO30gAgsz0/QeJ0se+kr337XgSzzT0vaiHBVNhdZoS8yDNGKuabAgAZQDtb1X0Zk/c9/f' +
    '2vKr+JumvA==',
  'base64',
);

/** An ARC trace of 300 lines. */
export const sample = Buffer.from(
  Array.from({ length: 300 }, (_, at) => [(at * at) % 97, 1 + (at % 3), 0, at].join(' ') + '\n').join(''),
);
