/** The one IPC channel between a window's preload and the host, both ways. */
export const channel = 'heschl:rpc'
