export function DataPage() { return null; }
export function TablePage() { return null; }
