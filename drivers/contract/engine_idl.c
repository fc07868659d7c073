/* org.berth.Engine in varlink's words. One method per call of contract::Engine (engine.hpp), the same structs as types.hpp.
 * C, because the macros fill flexible array members; _GNU_SOURCE, because they use __VA_OPT__ before C23. */
#define _GNU_SOURCE
#include "drivers/contract/engine_idl.h"

#define NOTE SD_VARLINK_FIELD_COMMENT
#define STRING(name) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_STRING, 0)
#define INT(name) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_INT, 0)
#define BOOL(name) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_BOOL, 0)
#define NAMED(name, type) SD_VARLINK_DEFINE_FIELD_BY_TYPE(name, type, 0)
#define IN_STRING(name) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_STRING, 0)
#define IN_INT(name) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_INT, 0)
#define IN_BOOL(name) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_BOOL, 0)
#define IN_NAMED(name, type) SD_VARLINK_DEFINE_INPUT_BY_TYPE(name, type, 0)
#define OUT_NAMED(name, type) SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(name, type, 0)
#define OUT_LIST(name, type) SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(name, type, SD_VARLINK_ARRAY)
#define VALUE SD_VARLINK_DEFINE_ENUM_VALUE
#define GUEST_ID NOTE("The guest's UUID, dashed, lower case"), IN_STRING(guest)

static SD_VARLINK_DEFINE_ENUM_TYPE(GuestKind, VALUE(vm), VALUE(container));

static SD_VARLINK_DEFINE_ENUM_TYPE(GuestState, NOTE("Not here"), VALUE(absent), VALUE(stopped), VALUE(starting),
                                   VALUE(running), VALUE(paused), VALUE(stopping),
                                   NOTE("It ended by itself, and not well"), VALUE(crashed));

static SD_VARLINK_DEFINE_ENUM_TYPE(ImageFormat, VALUE(qcow2), VALUE(oci_archive));

static SD_VARLINK_DEFINE_ENUM_TYPE(Accelerator,
                                   NOTE("Hardware virtualisation that was proved by running a few instructions"),
                                   VALUE(kvm), NOTE("Emulation: correct, and slow"), VALUE(tcg));

static SD_VARLINK_DEFINE_ENUM_TYPE(ConsoleKind, VALUE(serial), VALUE(vnc));

static SD_VARLINK_DEFINE_ENUM_TYPE(ErrorCode, VALUE(invalid_argument), VALUE(unauthenticated), VALUE(forbidden),
                                   VALUE(not_found), VALUE(conflict), VALUE(precondition_failed),
                                   VALUE(precondition_required), VALUE(too_large), VALUE(rate_limited),
                                   VALUE(exhausted), VALUE(unavailable), VALUE(timed_out), VALUE(cancelled),
                                   VALUE(unsupported), VALUE(corrupt), VALUE(io), VALUE(internal));

static SD_VARLINK_DEFINE_STRUCT_TYPE(
    HostFacts, STRING(hostname), STRING(kernel),
    NOTE("Changes whenever all guests are gone: a restart of the machine or of the development stack"), STRING(boot_id),
    INT(cpus), INT(memory_bytes), INT(memory_free_bytes), NOTE("The file system that holds images and disks"),
    INT(storage_bytes), INT(storage_free_bytes), NAMED(accelerator, Accelerator),
    NOTE("One sentence: why this accelerator"), STRING(accelerator_reason), NOTE("The file system clones in O(1)"),
    BOOL(reflink));

static SD_VARLINK_DEFINE_STRUCT_TYPE(ImageFacts, STRING(image), NAMED(kind, GuestKind), NOTE("On this machine's disk"),
                                     INT(stored_bytes), NOTE("The smallest disk that holds it"), INT(virtual_bytes));

static SD_VARLINK_DEFINE_STRUCT_TYPE(NicSpec, NOTE("\"52:54:00:12:34:56\": lower case, unicast, locally administered"),
                                     STRING(mac), NOTE("IPv4, dotted quad"), STRING(address), NOTE("8 to 30"),
                                     INT(prefix), STRING(gateway), NOTE("At most four"),
                                     SD_VARLINK_DEFINE_FIELD(dns, SD_VARLINK_STRING, SD_VARLINK_ARRAY),
                                     NOTE("Guests of one group above 0 may talk to each other; 0: to no other guest"),
                                     INT(peer_group));

static SD_VARLINK_DEFINE_STRUCT_TYPE(SeedSpec, NOTE("OpenSSH public keys of the default user, at most 16"),
                                     SD_VARLINK_DEFINE_FIELD(ssh_keys, SD_VARLINK_STRING, SD_VARLINK_ARRAY),
                                     NOTE("crypt(3) hash of the default user's password"),
                                     SD_VARLINK_DEFINE_FIELD(password_crypt, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
                                     NOTE("The customer's own cloud-config, at most 64 KiB"),
                                     SD_VARLINK_DEFINE_FIELD(user_data, SD_VARLINK_STRING, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_STRUCT_TYPE(ConsoleSize, INT(columns), INT(rows));

static SD_VARLINK_DEFINE_STRUCT_TYPE(GuestStatus, STRING(guest), NAMED(kind, GuestKind), NAMED(state, GuestState),
                                     NOTE("Why it is in that state, when known"), STRING(reason),
                                     NOTE("Containers, after they stopped"),
                                     SD_VARLINK_DEFINE_FIELD(exit_code, SD_VARLINK_INT, SD_VARLINK_NULLABLE),
                                     NOTE("Processor time used since it was started"), INT(cpu_ns),
                                     NOTE("Resident now"), INT(memory_bytes), NOTE("Allocated by its disk image now"),
                                     INT(disk_bytes), NOTE("Received by the guest since its network was connected"),
                                     INT(rx_bytes), NOTE("Sent by the guest"), INT(tx_bytes));

static SD_VARLINK_DEFINE_STRUCT_TYPE(FieldProblem, NOTE("RFC 6901 JSON pointer into the parameters: \"/nic/mac\""),
                                     STRING(pointer), STRING(message));

static SD_VARLINK_DEFINE_ERROR(Failed, NOTE("The kind of failure; what a caller decides on"), NAMED(code, ErrorCode),
                               NOTE("Stable and more exact: \"no-space\""), STRING(slug),
                               NOTE("One sentence for a person"), STRING(message),
                               NOTE("Which parameters are not acceptable, for invalid_argument"),
                               SD_VARLINK_DEFINE_FIELD_BY_TYPE(fields, FieldProblem, SD_VARLINK_ARRAY),
                               NOTE("What was being done, for logs"), STRING(context));

static SD_VARLINK_DEFINE_METHOD(Host, OUT_NAMED(host, HostFacts));

static SD_VARLINK_DEFINE_METHOD(ImportImage, NOTE("[a-z0-9][a-z0-9.-]*, at most 64 characters"), IN_STRING(image),
                                IN_NAMED(kind, GuestKind), IN_NAMED(format, ImageFormat),
                                NOTE("Of the whole file, lower-case hex"), IN_STRING(sha256),
                                OUT_NAMED(image, ImageFacts));

static SD_VARLINK_DEFINE_METHOD(Images, OUT_LIST(images, ImageFacts));

static SD_VARLINK_DEFINE_METHOD(RemoveImage, IN_STRING(image));

static SD_VARLINK_DEFINE_METHOD(CreateDisk, GUEST_ID, IN_NAMED(kind, GuestKind), IN_STRING(image),
                                NOTE("16 MiB to 64 TiB"), IN_INT(size_bytes));

static SD_VARLINK_DEFINE_METHOD(DeleteDisk, GUEST_ID);

static SD_VARLINK_DEFINE_METHOD(EnsureNetwork, NOTE("The bridge's address: the guests' gateway and DNS"),
                                IN_STRING(gateway), NOTE("8 to 30"), IN_INT(prefix),
                                NOTE("Guests reach out through this machine's address"), IN_BOOL(nat));

static SD_VARLINK_DEFINE_METHOD(ConnectNetwork, GUEST_ID, IN_NAMED(nic, NicSpec));

static SD_VARLINK_DEFINE_METHOD(DisconnectNetwork, GUEST_ID);

static SD_VARLINK_DEFINE_METHOD(DefineGuest, GUEST_ID, IN_NAMED(kind, GuestKind), IN_STRING(image),
                                NOTE("RFC 1123 label"), IN_STRING(hostname), NOTE("1 to 512"), IN_INT(vcpus),
                                NOTE("4 MiB to 64 TiB"), IN_INT(memory_bytes), IN_INT(disk_bytes),
                                IN_NAMED(nic, NicSpec), IN_NAMED(seed, SeedSpec));

static SD_VARLINK_DEFINE_METHOD(UndefineGuest, GUEST_ID);

static SD_VARLINK_DEFINE_METHOD(StartGuest, GUEST_ID, OUT_NAMED(status, GuestStatus));

static SD_VARLINK_DEFINE_METHOD(StopGuest, GUEST_ID, NOTE("How long an orderly stop may take, 0 to 3600 seconds"),
                                IN_INT(timeout_s), NOTE("After that, cut the power"), IN_BOOL(force),
                                OUT_NAMED(status, GuestStatus));

static SD_VARLINK_DEFINE_METHOD(PauseGuest, GUEST_ID, OUT_NAMED(status, GuestStatus));

static SD_VARLINK_DEFINE_METHOD(ResumeGuest, GUEST_ID, OUT_NAMED(status, GuestStatus));

static SD_VARLINK_DEFINE_METHOD(Guest, GUEST_ID, OUT_NAMED(status, GuestStatus));

static SD_VARLINK_DEFINE_METHOD(Guests, OUT_LIST(guests, GuestStatus));

static SD_VARLINK_DEFINE_METHOD_FULL(
    Monitor, SD_VARLINK_REQUIRES_MORE,
    NOTE("The guest that may be in another state; null: any of them may be, which is also the first reply"),
    SD_VARLINK_DEFINE_OUTPUT(guest, SD_VARLINK_STRING, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD(OpenConsole, GUEST_ID, IN_NAMED(kind, ConsoleKind));

static SD_VARLINK_DEFINE_METHOD(ResizeConsole, GUEST_ID, NOTE("1 to 1000 each"), IN_NAMED(size, ConsoleSize));

SD_VARLINK_DEFINE_INTERFACE(
    org_berth_Engine, "org.berth.Engine",
    SD_VARLINK_INTERFACE_COMMENT(
        "The only part of Berth that touches the machine. It knows guests, and nothing of customers. "
        "Every call may be repeated after it succeeded: that succeeds again and changes nothing."),
    SD_VARLINK_SYMBOL_COMMENT("A virtual machine with a kernel of its own, or a container on this machine's kernel"),
    &vl_type_GuestKind, SD_VARLINK_SYMBOL_COMMENT("What the engine sees, never what somebody wished"),
    &vl_type_GuestState, SD_VARLINK_SYMBOL_COMMENT("qcow2 for VMs, a tar of an OCI image layout for containers"),
    &vl_type_ImageFormat, SD_VARLINK_SYMBOL_COMMENT("What executes the instructions of VMs on this machine"),
    &vl_type_Accelerator, SD_VARLINK_SYMBOL_COMMENT("serial: the guest's terminal. vnc: its screen by RFB, VMs only"),
    &vl_type_ConsoleKind, SD_VARLINK_SYMBOL_COMMENT("Kinds of failure"), &vl_type_ErrorCode,
    SD_VARLINK_SYMBOL_COMMENT("This machine"), &vl_type_HostFacts,
    SD_VARLINK_SYMBOL_COMMENT("An image that guests can be made from"), &vl_type_ImageFacts,
    SD_VARLINK_SYMBOL_COMMENT("A guest's one network interface"), &vl_type_NicSpec,
    SD_VARLINK_SYMBOL_COMMENT("First boot answers: NoCloud for VMs; containers take the hostname"), &vl_type_SeedSpec,
    SD_VARLINK_SYMBOL_COMMENT("A terminal's size in characters"), &vl_type_ConsoleSize,
    SD_VARLINK_SYMBOL_COMMENT("A guest as it is now"), &vl_type_GuestStatus,
    SD_VARLINK_SYMBOL_COMMENT("A parameter that is not acceptable, and why"), &vl_type_FieldProblem,
    SD_VARLINK_SYMBOL_COMMENT("The one error of this interface"), &vl_error_Failed,
    SD_VARLINK_SYMBOL_COMMENT("Facts of this machine"), &vl_method_Host,
    SD_VARLINK_SYMBOL_COMMENT(
        "Takes the file whose descriptor comes with the call, checks its digest and keeps it as an image. "
        "Fails with corrupt, exhausted, or conflict (same name, other digest)"),
    &vl_method_ImportImage, SD_VARLINK_SYMBOL_COMMENT("All images"), &vl_method_Images,
    SD_VARLINK_SYMBOL_COMMENT(
        "Forgets an image. Fails with conflict while a guest's disk depends on it; absent is success"),
    &vl_method_RemoveImage,
    SD_VARLINK_SYMBOL_COMMENT(
        "A fresh disk that holds the image. Fails with not_found (image), invalid_argument (smaller than the "
        "image), exhausted, or conflict (a disk of another size is there)"),
    &vl_method_CreateDisk, SD_VARLINK_SYMBOL_COMMENT("Fails with conflict while the guest runs; absent is success"),
    &vl_method_DeleteDisk,
    SD_VARLINK_SYMBOL_COMMENT(
        "Makes the bridge, NAT, DHCP, DNS and the base rules. Fails with conflict when the gateway would change "
        "while guests are connected"),
    &vl_method_EnsureNetwork,
    SD_VARLINK_SYMBOL_COMMENT(
        "Reserves a guest's interface with its anti-spoofing rules and counters; comes before StartGuest. Again with "
        "another peer group: whom the guest may reach changes at once, while it runs. Fails with conflict when "
        "another guest holds the MAC or the address"),
    &vl_method_ConnectNetwork, SD_VARLINK_SYMBOL_COMMENT("Absent is success"), &vl_method_DisconnectNetwork,
    SD_VARLINK_SYMBOL_COMMENT(
        "Keeps the guest's definition; a changed one replaces it. Fails with not_found (image, disk), or conflict "
        "(a changed definition while it runs)"),
    &vl_method_DefineGuest, SD_VARLINK_SYMBOL_COMMENT("Fails with conflict while it runs; absent is success"),
    &vl_method_UndefineGuest,
    SD_VARLINK_SYMBOL_COMMENT(
        "Returns once it runs. Fails with not_found, exhausted (memory), or conflict (no network or disk)"),
    &vl_method_StartGuest,
    SD_VARLINK_SYMBOL_COMMENT(
        "Asks the guest to stop and waits. Fails with timed_out without force; stopped or absent is success"),
    &vl_method_StopGuest,
    SD_VARLINK_SYMBOL_COMMENT("Freezes a running guest. Fails with not_found, or conflict (not running)"),
    &vl_method_PauseGuest,
    SD_VARLINK_SYMBOL_COMMENT("Lets a paused guest go on. Fails with not_found, or conflict (not running or paused)"),
    &vl_method_ResumeGuest, SD_VARLINK_SYMBOL_COMMENT("One guest. An unknown one is in state absent, no error"),
    &vl_method_Guest, SD_VARLINK_SYMBOL_COMMENT("Everything that exists here in any part, known to the panel or not"),
    &vl_method_Guests,
    SD_VARLINK_SYMBOL_COMMENT("Goes on replying, with each guest that may have come into another state. Fails with "
                              "exhausted (too many monitors)"),
    &vl_method_Monitor,
    SD_VARLINK_SYMBOL_COMMENT(
        "Answers with the descriptor of a connected stream socket. serial begins with what the guest wrote lately "
        "and is shared by all viewers. Fails with not_found, conflict (not running), unsupported (vnc of a "
        "container), or exhausted (too many viewers)"),
    &vl_method_OpenConsole, SD_VARLINK_SYMBOL_COMMENT("Sets a container's terminal size; VMs ignore it"),
    &vl_method_ResizeConsole);
