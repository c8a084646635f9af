// Legal days are days of the city (UTC+8, all year), wherever the browser stands.
const CITY = "Asia/Shanghai";
const AHEAD = 8 * 3_600_000;

export const day = (moment) => new Date(moment).toLocaleDateString("zh-CN", { timeZone: CITY });

export const minute = (moment) => new Date(moment).toLocaleString("zh-CN", { dateStyle: "medium", timeStyle: "short", timeZone: CITY });

// 2026-03-02, as a date field has it.
export const isoDay = (moment) => new Date(new Date(moment).getTime() + AHEAD).toISOString().slice(0, 10);

export const endOf = (date) => new Date(`${date}T23:59:59+08:00`).toISOString();
