/* notify: tells the service manager that started the daemon when it is ready, that its loop still
 * turns, and how it is, by systemd's protocol of one datagram each; and takes the socket that it
 * may have opened for us. The protocol is a few lines, so no library is linked for it. Without
 * NOTIFY_SOCKET in the environment nothing is sent. */
#ifndef TALLYD_NOTIFY_H
#define TALLYD_NOTIFY_H

/* Lines such as "READY=1\nSTATUS=…". A manager that doesn't listen is no error of ours. */
void notify_send(const char *lines);

/* The listening TCP socket that the manager gave, which goes on listening while the daemon is
 * started anew; -1 if there is none. From then on children know nothing of it: call it before there
 * are any. */
int notify_socket(void);

#endif
