/* small_sockets: loaded before the C library into the daemon and its clients, it gives connections
 * from 127.0.0.2 the smallest buffers there are, on both sides, so that one whose reader is slow is
 * full after a few frames instead of after megabytes. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

static bool is_ours(const void *address, socklen_t size)
{
    struct sockaddr_in in = {0};
    memcpy(&in, address, size < sizeof in ? size : sizeof in);
    return in.sin_family == AF_INET && in.sin_addr.s_addr == htonl(0x7f000002);
}

static void shrink(int fd, int which)
{
    int bytes = 1; /* the kernel takes its own least instead */
    setsockopt(fd, SOL_SOCKET, which, &bytes, sizeof bytes);
}

/* Addresses have the C library's own types here, as in its header. */
int accept4(int fd, __SOCKADDR_ARG from, socklen_t *size, int flags)
{
    static int (*real)(int, __SOCKADDR_ARG, socklen_t *, int);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "accept4");
    int accepted = real(fd, from, size, flags);
    if (accepted >= 0 && from.__sockaddr__ && is_ours(from.__sockaddr__, *size))
        shrink(accepted, SO_SNDBUF);
    return accepted;
}

int bind(int fd, __CONST_SOCKADDR_ARG own, socklen_t size)
{
    static int (*real)(int, __CONST_SOCKADDR_ARG, socklen_t);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "bind");
    if (is_ours(own.__sockaddr__, size))
        shrink(fd, SO_RCVBUF);
    return real(fd, own, size);
}
