/*
 * The holder: PID 1 of a node. It waits until the lab says what to run, runs it, and tells the lab
 * what it wrote and how it ended. ARCHITECTURE.md, "The holder", is the contract.
 *
 * Law: it decides nothing, needs nothing but a kernel, and nothing it runs outlives the lab.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
    VERSION = 1,
    HEADER = 16,
    PAYLOAD = 65536,
    NUMBERS = 256,
    /* What a program wrote before it ended lies in the kernel's buffers, 1 MiB at most (pipe(7),
     * pipe-max-size). Reading twice that leaves none of it behind, and ends even when a child
     * of the program goes on writing as fast as we read. */
    DRAIN = 2 * 1024 * 1024,
    /* Of each stream so much is sent, a little more than the lab keeps (lab/executor/tracker.py):
     * the rest is read and dropped here, where it costs the node's own time alone. */
    MOST = 17 * 1024 * 1024,
    PROTOCOL_ERROR = 70,
};

enum state { HELD, WAITING, RUNNING, ENDED }; /* WAITING: forked, not executed */

struct queue {
    unsigned char *data;
    size_t start, length, capacity;
};

struct process {
    enum state state;
    pid_t pid;
    int in, out, err;  /* our ends; -1 when closed */
    int gate, failure; /* the same, open while it waits */
    size_t out_sent, err_sent;
    bool input_ends;
    struct queue input;
};

static struct process processes[NUMBERS];
static int signals;   /* signalfd */
static bool lab_gone; /* nobody reads our frames any more */
static int stopping; /* the signal that ends the node from outside */

static void kill_everything(void);

/* -- small things ---------------------------------------------------------------------------- */

__attribute__((format(printf, 1, 2), noreturn)) static void fatal(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("holder: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    lab_gone = true;
    kill_everything();
    _exit(PROTOCOL_ERROR);
}

static void close_descriptor(int *descriptor) {
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

static void set_nonblocking(int descriptor) {
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

static void put(unsigned char *to, uint64_t value, int size) {
    while (size-- > 0) {
        to[size] = (unsigned char)value;
        value >>= 8;
    }
}

static uint32_t get32(const unsigned char *from) {
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

static uint64_t milliseconds(void) {
    return now() / 1000000U;
}

/* -- frames to the lab ----------------------------------------------------------------------- */

/* Header and payload side by side, so that a frame is one write. */
static unsigned char outgoing[HEADER + PAYLOAD];

/* Send the first `length` payload bytes of `outgoing`; waits for the lab to take them. */
static void send_outgoing(char kind, int number, size_t length) {
    memset(outgoing, 0, HEADER);
    outgoing[0] = (unsigned char)kind;
    outgoing[1] = (unsigned char)number;
    put(outgoing + 4, length, 4);
    put(outgoing + 8, now(), 8);
    size_t sent = 0;
    while (sent < HEADER + length && !lab_gone) {
        ssize_t count = write(STDOUT_FILENO, outgoing + sent, HEADER + length - sent);
        if (count >= 0)
            sent += (size_t)count;
        else if (errno == EAGAIN)
            poll(&(struct pollfd){.fd = STDOUT_FILENO, .events = POLLOUT}, 1, -1);
        else if (errno != EINTR)
            lab_gone = true;
    }
}

static void send_frame(char kind, int number, const void *payload, size_t length) {
    if (length)
        memcpy(outgoing + HEADER, payload, length);
    send_outgoing(kind, number, length);
}

static void send_number(char kind, int number, uint32_t value) {
    unsigned char payload[4];
    put(payload, value, 4);
    send_frame(kind, number, payload, 4);
}

/* -- output of programs ---------------------------------------------------------------------- */

/* As read(2). A kernel may say EIO, the last user of the terminal is gone, while what that one wrote
 * is still on its way: n_tty_read() looks for input first, for users after that. Now that nobody is
 * left to write, a second look finds all there is. */
static ssize_t read_stream(int stream, void *to, size_t room) {
    ssize_t count = read(stream, to, room);
    return count < 0 && errno == EIO ? read(stream, to, room) : count;
}

/* Send what can be read at once from a stream, one frame at most; closed by all: the small
 * letter, and our end goes too. The number of bytes read. */
static size_t pump(int number, int *stream, size_t *sent, char kind) {
    size_t length = 0;
    bool closed = false, empty = false;
    while (*stream >= 0 && length < PAYLOAD && !closed && !empty) {
        ssize_t count = read_stream(*stream, outgoing + HEADER + length, PAYLOAD - length);
        if (count > 0)
            length += (size_t)count;
        else if (count < 0 && errno == EAGAIN)
            empty = true;
        else if (count == 0 || errno != EINTR)
            closed = true; /* end of a pipe, or of a terminal */
    }
    if (length && *sent < MOST) {
        send_outgoing(kind, number, length);
        *sent += length;
    }
    if (closed) {
        close_descriptor(stream);
        send_frame((char)(kind | 0x20), number, NULL, 0);
    }
    return length;
}

static void drain_stream(int number, int *stream, size_t *sent, char kind) {
    size_t total = 0, count;
    do {
        count = pump(number, stream, sent, kind);
        total += count;
    } while (count > 0 && total < DRAIN);
}

static void drain(int number) {
    struct process *process = &processes[number];
    drain_stream(number, &process->out, &process->out_sent, 'O');
    drain_stream(number, &process->err, &process->err_sent, 'R');
}

/* -- input of programs ----------------------------------------------------------------------- */

static void queue_clear(struct queue *queue) {
    free(queue->data);
    *queue = (struct queue){0};
}

static void queue_append(struct queue *queue, const unsigned char *data, size_t length) {
    if (length == 0)
        return;
    if (queue->start + queue->length + length > queue->capacity) {
        if (queue->length)
            memmove(queue->data, queue->data + queue->start, queue->length);
        queue->start = 0;
        if (queue->length + length > queue->capacity) {
            queue->capacity = 2 * (queue->length + length);
            queue->data = realloc(queue->data, queue->capacity);
            if (!queue->data)
                fatal("no memory for %zu bytes of input", queue->length + length);
        }
    }
    memcpy(queue->data + queue->start + queue->length, data, length);
    queue->length += length;
}

static void close_input(struct process *process) {
    close_descriptor(&process->in);
    queue_clear(&process->input);
}

/* Write what the program takes without waiting. Nobody there to read it: it is dropped. */
static void feed(struct process *process) {
    struct queue *queue = &process->input;
    while (process->in >= 0 && queue->length) {
        ssize_t count = write(process->in, queue->data + queue->start, queue->length);
        if (count >= 0) {
            queue->start += (size_t)count;
            queue->length -= (size_t)count;
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            close_input(process);
        }
    }
    if (process->in >= 0 && process->input_ends)
        close_input(process);
}

static void take_input(struct process *process, const unsigned char *data, size_t length) {
    if (process->in < 0 && process->state != HELD)
        return;
    queue_append(&process->input, data, length);
    feed(process);
}

/* -- limits of the node ---------------------------------------------------------------------- */

/* How often the kernel did what a line of a control group's file counts; 0 if there is none. */
static uint32_t counted(const char *path, const char *word) {
    char line[128];
    unsigned long count = 0;
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, word, strlen(word)) == 0)
            count = strtoul(line + strlen(word), NULL, 10);
    if (file)
        fclose(file);
    return (uint32_t)count;
}

/* Tell which limits were reached, if that has changed. Version 1 and 2 of control groups. */
static void tell_limits(void) {
    static uint32_t told[2];
    if (getpid() != 1) /* the control group is not ours alone */
        return;
    uint32_t killed = counted("/sys/fs/cgroup/memory/memory.oom_control", "oom_kill ") +
                      counted("/sys/fs/cgroup/memory.events", "oom_kill ");
    uint32_t refused = counted("/sys/fs/cgroup/pids/pids.events", "max ") +
                       counted("/sys/fs/cgroup/pids.events", "max ");
    if (killed == told[0] && refused == told[1])
        return;
    told[0] = killed;
    told[1] = refused;
    unsigned char payload[8];
    put(payload, killed, 4);
    put(payload + 4, refused, 4);
    send_frame('L', 0, payload, sizeof payload);
}

/* It could not begin: why, and whether that is for want of room. */
static void tell_failure(int number, int why) {
    tell_limits();
    send_number('F', number, (uint32_t)why);
}

/* -- a fence around the holder --------------------------------------------------------------- */

/*
 * Programs are of the same user as the holder, so a few calls that ask for no more than that would
 * let them starve it: lower its limits (prlimit(2) with RLIMIT_NOFILE 0) or its priority. Whatever
 * looks into a process asks for more, see PR_SET_DUMPABLE below; signals: see take_signal().
 */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW 0
#else
#define LOW 4
#endif
#define OF(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define ARGUMENT(n) \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 8 * (n) + LOW)
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define PROGRAM_1 1 /* the holder, and its process group */
/* call(process, ...): not of the holder */
#define NOT_OF_HOLDER(call) IS(call, 0, 4), ARGUMENT(0), IS(PROGRAM_1, 0, 1), REFUSE, OF(nr)
/* call(which, whose, ...): not of the holder, nor of all a user has */
#define NOT_OF_HOLDER_OR(user, call) \
    IS(call, 0, 6), ARGUMENT(1), IS(PROGRAM_1, 2, 0), ARGUMENT(0), IS(user, 0, 1), REFUSE, OF(nr)
#define FENCE(prlimit, setparam, setscheduler, setaffinity, setattr, setpriority, ioprio) \
    NOT_OF_HOLDER(prlimit), NOT_OF_HOLDER(setparam), NOT_OF_HOLDER(setscheduler), \
        NOT_OF_HOLDER(setaffinity), NOT_OF_HOLDER(setattr), NOT_OF_HOLDER_OR(2, setpriority), \
        NOT_OF_HOLDER_OR(3, ioprio), ALLOW
enum { FENCE_LENGTH = 5 * 5 + 2 * 7 + 1 };

#if defined(__x86_64__)
#define OTHER_ARCH AUDIT_ARCH_I386
#define OTHER_FENCE FENCE(340, 154, 156, 241, 351, 97, 289)
#elif defined(__aarch64__)
#define OTHER_ARCH AUDIT_ARCH_ARM
#define OTHER_FENCE FENCE(369, 154, 156, 241, 380, 97, 314)
#endif

static const struct sock_filter fence[] = {
#ifdef OTHER_ARCH /* programs of 32 bits count their calls otherwise */
    OF(arch),
    IS(OTHER_ARCH, 0, 1 + FENCE_LENGTH),
    OF(nr),
    OTHER_FENCE,
#endif
    OF(nr),
#ifdef __x86_64__ /* x32 has a third set of numbers, and no programs */
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1),
    REFUSE,
#endif
    FENCE(SYS_prlimit64, SYS_sched_setparam, SYS_sched_setscheduler, SYS_sched_setaffinity,
          SYS_sched_setattr, SYS_setpriority, SYS_ioprio_set),
};

/* In the child. Only where the holder is a machine's first process: there it is number 1. */
static bool put_up_fence(void) {
    struct sock_fprog program = {sizeof fence / sizeof *fence, (struct sock_filter *)fence};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* -- beginning a program --------------------------------------------------------------------- */

struct ends { /* of the streams of a program about to begin; -1 when not open */
    int in[2], out[2], err[2], gate[2], failure[2];
};

static void close_ends(struct ends *ends) {
    for (int side = 0; side < 2; side++) {
        close_descriptor(&ends->in[side]);
        close_descriptor(&ends->out[side]);
        close_descriptor(&ends->err[side]);
        close_descriptor(&ends->gate[side]);
        close_descriptor(&ends->failure[side]);
    }
}

/* A raw pseudo-terminal, ours first: bytes pass unchanged, and C libraries flush every line. */
static bool open_terminal(int pair[2]) {
    struct termios mode;
    int unlocked = 0;
    pair[0] = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pair[0] < 0 || ioctl(pair[0], TIOCSPTLCK, &unlocked) < 0)
        return false;
    pair[1] = ioctl(pair[0], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pair[1] < 0 || tcgetattr(pair[1], &mode) < 0)
        return false;
    cfmakeraw(&mode);
    return tcsetattr(pair[1], TCSANOW, &mode) == 0;
}

static bool open_ends(struct ends *ends) {
    *ends = (struct ends){{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    return pipe2(ends->in, O_CLOEXEC) == 0 && open_terminal(ends->out) &&
           pipe2(ends->err, O_CLOEXEC) == 0 && pipe2(ends->gate, O_CLOEXEC) == 0 &&
           pipe2(ends->failure, O_CLOEXEC) == 0;
}

/* Out of memory on this node, the program goes, not the holder. Best effort. */
static void offer_to_oom_killer(void) {
    prctl(PR_SET_DUMPABLE, 1); /* else /proc/self is root's */
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file >= 0 && write(file, "1000", 4) < 0)
        errno = 0;
    close_descriptor(&file);
}

/* In the child: give up all that is the holder's. From here on it may be looked into. */
static void leave_holder(const struct ends *ends) {
    dup2(ends->in[0], STDIN_FILENO);
    dup2(ends->out[1], STDOUT_FILENO);
    dup2(ends->err[1], STDERR_FILENO);
    for (int number = 0; number < NUMBERS; number++) {
        close_descriptor(&processes[number].in);
        close_descriptor(&processes[number].out);
        close_descriptor(&processes[number].err);
        close_descriptor(&processes[number].gate);
        close_descriptor(&processes[number].failure);
    }
    setsid();
    for (int signal_number = 1; signal_number < NSIG; signal_number++)
        signal(signal_number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    offer_to_oom_killer();
}

/* In the child: until the holder lets it go on, or is gone. */
static void wait_at(int gate) {
    char word;
    ssize_t count;
    while ((count = read(gate, &word, 1)) < 0 && errno == EINTR)
        continue;
    if (count != 1)
        _exit(126);
}

__attribute__((noreturn)) static void become(char **argv, const struct ends *ends) {
    leave_holder(ends);
    bool fenced = getppid() != 1 || put_up_fence(); /* number 1: the holder of a machine */
    wait_at(ends->gate[0]);
    if (fenced)
        execvp(argv[0], argv);
    int why = fenced ? errno : ENOSYS;
    ssize_t told = write(ends->failure[1], &why, sizeof why);
    _exit(told == sizeof why ? 127 : 126);
}

/* Fork a program that waits at its gate; 0, or why not. `ends` keeps our sides only. */
static int launch(char **argv, struct ends *ends, pid_t *pid) {
    if (!open_ends(ends) || (*pid = fork()) < 0)
        return errno;
    if (*pid == 0) {
        close_descriptor(&ends->gate[1]);
        become(argv, ends);
    }
    close_descriptor(&ends->in[0]);
    close_descriptor(&ends->out[1]);
    close_descriptor(&ends->err[1]);
    close_descriptor(&ends->gate[0]);
    close_descriptor(&ends->failure[1]);
    return 0;
}

/* Nothing of the program is left; what was sent for it still waits. */
static void forget(struct process *process) {
    close_descriptor(&process->in);
    close_descriptor(&process->out);
    close_descriptor(&process->err);
    close_descriptor(&process->gate);
    close_descriptor(&process->failure);
    process->state = HELD;
}

/* Whether it is forked and waits; else that is told. */
static bool begin(int number, char **argv) {
    struct process *process = &processes[number];
    struct ends ends;
    pid_t pid = -1;
    if (process->state == ENDED) { /* again: nothing of the last time may mix with this one */
        drain(number);
        close_input(process);
        forget(process);
        process->input_ends = false;
        process->out_sent = process->err_sent = 0;
    }
    int why = launch(argv, &ends, &pid);
    if (why) {
        close_ends(&ends);
        tell_failure(number, why);
        return false;
    }
    process->state = WAITING;
    process->pid = pid;
    process->in = ends.in[1];
    process->out = ends.out[0];
    process->err = ends.err[0];
    process->gate = ends.gate[1];
    process->failure = ends.failure[0];
    set_nonblocking(process->in);
    set_nonblocking(process->out);
    set_nonblocking(process->err);
    return true;
}

/* Open its gate, and wait until it is the program it is to be. */
static void go_on(int number) {
    struct process *process = &processes[number];
    int why = 0;
    if (process->state != WAITING)
        return; /* killed as it waited: its end has been told */
    if (write(process->gate, "", 1) < 0)
        errno = 0; /* the same, its end not yet told: it comes */
    while (read(process->failure, &why, sizeof why) < 0 && errno == EINTR)
        continue; /* end of file: the exec closed the other end */
    close_descriptor(&process->gate);
    close_descriptor(&process->failure);
    if (why) {
        waitpid(process->pid, NULL, 0);
        forget(process);
        tell_failure(number, why);
        return;
    }
    process->state = RUNNING;
    send_number('P', number, (uint32_t)process->pid);
    feed(process);
}

/* -- ends of programs ------------------------------------------------------------------------ */

static void note_end(pid_t pid, int status) {
    for (int number = 0; number < NUMBERS; number++) {
        struct process *process = &processes[number];
        if ((process->state != RUNNING && process->state != WAITING) || process->pid != pid)
            continue;
        bool killed = WIFSIGNALED(status);
        unsigned char how[2] = {killed, (unsigned char)(killed ? WTERMSIG(status)
                                                               : WEXITSTATUS(status))};
        process->state = ENDED;
        close_descriptor(&process->gate);
        close_descriptor(&process->failure);
        drain(number);
        tell_limits();
        send_frame('X', number, how, 2);
    }
}

/* Everything that ended, orphans too. `options` as for waitpid(2). */
static void reap(int options) {
    int status;
    pid_t pid = waitpid(-1, &status, options);
    while (pid > 0) {
        note_end(pid, status);
        pid = waitpid(-1, &status, WNOHANG);
    }
}

/* SIGKILL to each child; how many there are. Orphans count: we are their new parent. */
static int kill_children(void) {
    char path[64];
    int pid, count = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *list = fopen(path, "re");
    while (list && fscanf(list, "%d", &pid) == 1) {
        kill(pid, SIGKILL);
        count++;
    }
    if (list)
        fclose(list);
    return count;
}

/* PID 1 may kill all it sees. Anywhere else (tests) that would be the whole machine. */
static void kill_everything(void) {
    if (getpid() == 1)
        kill(-1, SIGKILL);
    else
        while (kill_children() > 0)
            reap(0);
}

static void take_signal(void) {
    struct signalfd_siginfo info;
    if (read(signals, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo == SIGCHLD) {
        reap(WNOHANG);
    } else if (getpid() != 1 || (info.ssi_code == SI_USER && info.ssi_pid == 0)) {
        /* Not a program of the node: its sender has no number here. SI_USER, since with any other
         * code a program may write there what it likes (rt_sigqueueinfo(2), F_SETSIG). */
        stopping = (int)info.ssi_signo; /* as when its power goes: what ends now ends untold */
    }
}

/* -- commands from the lab ------------------------------------------------------------------- */

static void take_begin(int number, unsigned char *payload, size_t length, bool waits) {
    static char *argv[PAYLOAD + 1];
    size_t count = 0;
    if (processes[number].state == RUNNING || processes[number].state == WAITING)
        fatal("process %d was told to begin while it runs", number);
    if (length == 0 || payload[length - 1] != 0)
        fatal("process %d was told to begin without a whole command", number);
    for (size_t at = 0; at < length; at += strlen((char *)payload + at) + 1)
        argv[count++] = (char *)payload + at;
    argv[count] = NULL;
    if (begin(number, argv) && waits)
        send_number('W', number, (uint32_t)processes[number].pid);
    else
        go_on(number);
}

static void take_ping(const unsigned char *payload, size_t length) {
    reap(WNOHANG);
    for (int number = 0; number < NUMBERS; number++)
        drain(number);
    tell_limits();
    send_frame('n', 0, payload, length);
}

static void take_frame(int kind, int number, unsigned char *payload, size_t length) {
    struct process *process = &processes[number];
    if (kind == 'S' || kind == 'T') {
        take_begin(number, payload, length, kind == 'T');
    } else if (kind == 'C' && length == 0) {
        go_on(number);
    } else if (kind == 'I') {
        take_input(process, payload, length);
    } else if (kind == 'E' && length == 0) {
        process->input_ends = true;
        feed(process);
    } else if (kind == 'K' && length == 1) {
        if (process->state == RUNNING)
            kill(process->pid, payload[0]);
    } else if (kind == 'G' && length == 1) {
        if (process->state == RUNNING)
            kill(-process->pid, payload[0]); /* it leads the group: see setsid() above */
    } else if (kind == 'A' && length == 0) {
        kill_everything();
    } else if (kind == 'N' && length == 8) {
        take_ping(payload, length);
    } else {
        fatal("a frame of kind %d with %zu bytes means nothing", kind, length);
    }
}

/* Read what the lab sent and act on each whole frame. Its end is the lab's end. */
static void take_commands(void) {
    static unsigned char incoming[HEADER + PAYLOAD];
    static size_t held;
    ssize_t count = read(STDIN_FILENO, incoming + held, sizeof incoming - held);
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN))
        lab_gone = true;
    if (count <= 0)
        return;
    held += (size_t)count;
    size_t at = 0;
    while (held - at >= HEADER) {
        size_t length = get32(incoming + at + 4);
        if (length > PAYLOAD)
            fatal("a frame of %zu bytes is too long", length);
        if (held - at < HEADER + length)
            break;
        take_frame(incoming[at], incoming[at + 1], incoming + at + HEADER, length);
        at += HEADER + length;
    }
    memmove(incoming, incoming + at, held - at);
    held -= at;
}

/* -- waiting --------------------------------------------------------------------------------- */

/* Everything worth waiting for: signals, the lab, and three streams of each program. */
static nfds_t list_events(struct pollfd *events) {
    nfds_t count = 0;
    events[count++] = (struct pollfd){.fd = signals, .events = POLLIN};
    events[count++] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    for (int number = 0; number < NUMBERS; number++) {
        const struct process *process = &processes[number];
        int in = process->input.length ? process->in : -1;
        events[count++] = (struct pollfd){.fd = process->out, .events = POLLIN};
        events[count++] = (struct pollfd){.fd = process->err, .events = POLLIN};
        events[count++] = (struct pollfd){.fd = in, .events = POLLOUT};
    }
    return count;
}

static void serve(void) {
    static struct pollfd events[2 + 3 * NUMBERS];
    if (poll(events, list_events(events), -1) < 0)
        return;
    for (int number = 0; number < NUMBERS; number++) {
        const struct pollfd *of = events + 2 + 3 * number;
        struct process *process = &processes[number];
        if (of[0].revents)
            pump(number, &process->out, &process->out_sent, 'O');
        if (of[1].revents)
            pump(number, &process->err, &process->err_sent, 'R');
        if (of[2].revents)
            feed(process);
    }
    if (events[0].revents)
        take_signal();
    if (events[1].revents)
        take_commands();
}

static void prepare(void) {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    signal(SIGPIPE, SIG_IGN);
    signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0)
        fatal("signalfd: %s", strerror(errno));
    prctl(PR_SET_DUMPABLE, 0); /* a program of the same user may not reach our descriptors */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int number = 0; number < NUMBERS; number++)
        processes[number] = (struct process){
            .state = HELD, .in = -1, .out = -1, .err = -1, .gate = -1, .failure = -1};
}

/*
 * Engines lose count of nodes that end while others come or end (lab/engine/turns.py), so whoever
 * cleans up after the lab takes them away in turns. Where nobody does, each ends at a moment of its
 * own, in the second half of `most` seconds.
 */
static void linger(unsigned most) {
    uint32_t chance = 0;
    if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) < 0)
        chance = (uint32_t)now(); /* nothing better is there yet */
    uint64_t half = most * 500U, end = milliseconds() + half + chance % (half + 1);
    for (uint64_t time = milliseconds(); time < end && !stopping; time = milliseconds())
        if (poll(&(struct pollfd){.fd = signals, .events = POLLIN}, 1, (int)(end - time)) > 0)
            take_signal();
}

int main(int argc, char **argv) {
    unsigned char version = VERSION;
    prepare();
    send_frame('H', 0, &version, 1);
    while (!lab_gone && !stopping)
        serve();
    lab_gone = true;
    kill_everything();
    if (argc > 1)
        linger((unsigned)strtoul(argv[1], NULL, 10));
    return stopping ? 128 + stopping : 0;
}
