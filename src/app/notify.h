/* notify: tells the service manager that started the daemon when it is ready, that its loop still
 * turns, and how it is, by systemd's protocol of one datagram each. The protocol is four lines, so
 * no library is linked for it. Without NOTIFY_SOCKET in the environment nothing is sent. */
#ifndef TALLYD_NOTIFY_H
#define TALLYD_NOTIFY_H

/* Lines such as "READY=1\nSTATUS=…". A manager that doesn't listen is no error of ours. */
void notify_send(const char *lines);

#endif
