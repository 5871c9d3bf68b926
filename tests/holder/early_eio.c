/*
 * read(2) of a kernel in which a program writes and ends at the worst moment: n_tty_read() has looked
 * for input and found none, and looks next whether anybody is left to write. Linked in by
 * `-Wl,--wrap=read`: of a terminal that is hung up, the first read says EIO, whatever is behind it.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

ssize_t __real_read(int file, void *to, size_t room);

ssize_t __wrap_read(int file, void *to, size_t room) {
    static bool told[1024];
    struct pollfd look = {.fd = file, .events = POLLIN};
    bool hung_up = isatty(file) && poll(&look, 1, 0) == 1 && look.revents & POLLHUP;
    if (hung_up && !told[file]) {
        told[file] = true;
        errno = EIO;
        return -1;
    }
    told[file] = hung_up;
    return __real_read(file, to, room);
}
