/* org.berth.Machine in varlink's words. One method per call of contract::Machine (machine.hpp), the same structs as
 * machine_types.hpp. C, for the reasons that engine_idl.c names. */
#define _GNU_SOURCE
#include "drivers/contract/machine_idl.h"

#define NOTE SD_VARLINK_FIELD_COMMENT
#define STRING(name) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_STRING, 0)
#define STRINGS(name) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_STRING, SD_VARLINK_ARRAY)
#define MAYBE_STRING(name) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_STRING, SD_VARLINK_NULLABLE)
#define INT(name) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_INT, 0)
#define MAYBE_INT(name) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_INT, SD_VARLINK_NULLABLE)
#define BOOL(name) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_BOOL, 0)
#define NAMED(name, type) SD_VARLINK_DEFINE_FIELD_BY_TYPE(name, type, 0)
#define MANY(name, type) SD_VARLINK_DEFINE_FIELD_BY_TYPE(name, type, SD_VARLINK_ARRAY)
#define IN_STRING(name) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_STRING, 0)
#define IN_STRINGS(name) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_STRING, SD_VARLINK_ARRAY)
#define IN_INT(name) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_INT, 0)
#define IN_MAYBE_INT(name) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_INT, SD_VARLINK_NULLABLE)
#define IN_BOOL(name) SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_BOOL, 0)
#define IN_NAMED(name, type) SD_VARLINK_DEFINE_INPUT_BY_TYPE(name, type, 0)
#define OUT_NAMED(name, type) SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(name, type, 0)
#define VALUE SD_VARLINK_DEFINE_ENUM_VALUE

static SD_VARLINK_DEFINE_ENUM_TYPE(LinkKind, VALUE(ethernet), VALUE(bond), VALUE(bridge), VALUE(vlan));

static SD_VARLINK_DEFINE_ENUM_TYPE(BondMode, VALUE(active_backup), NOTE("IEEE 802.1AX; the switch must speak it too"),
                                   VALUE(lacp));

static SD_VARLINK_DEFINE_ENUM_TYPE(AddressMethod, NOTE("DHCP, or router advertisements"), VALUE(automatic),
                                   VALUE(fixed), VALUE(off));

static SD_VARLINK_DEFINE_ENUM_TYPE(SlotName, VALUE(a), VALUE(b));

static SD_VARLINK_DEFINE_ENUM_TYPE(PowerAct, VALUE(restart), VALUE(power_off));

static SD_VARLINK_DEFINE_ENUM_TYPE(ResetScope,
                                   NOTE("The machine's own settings; the panel's, guests and customers stay"),
                                   VALUE(settings), VALUE(everything));

static SD_VARLINK_DEFINE_ENUM_TYPE(ErrorCode, VALUE(invalid_argument), VALUE(unauthenticated), VALUE(forbidden),
                                   VALUE(not_found), VALUE(conflict), VALUE(precondition_failed),
                                   VALUE(precondition_required), VALUE(too_large), VALUE(rate_limited),
                                   VALUE(exhausted), VALUE(unavailable), VALUE(timed_out), VALUE(cancelled),
                                   VALUE(unsupported), VALUE(corrupt), VALUE(io), VALUE(internal));

static SD_VARLINK_DEFINE_STRUCT_TYPE(MachineFacts, STRING(hostname), NOTE("Of the release that runs"), STRING(version),
                                     STRING(board), NOTE("False on a development host, which nothing here changes"),
                                     BOOL(appliance), STRING(time_zone), INT(unix_seconds), BOOL(clock_synchronised),
                                     INT(uptime_s),
                                     NOTE("Why the release before this start was left; empty when it was not"),
                                     STRING(last_rollback));

static SD_VARLINK_DEFINE_STRUCT_TYPE(TimeSettings, STRING(time_zone), BOOL(ntp), STRINGS(ntp_servers),
                                     NOTE("Sets the clock now; without NTP only"), MAYBE_INT(unix_seconds));

static SD_VARLINK_DEFINE_STRUCT_TYPE(AddressSettings, NAMED(method, AddressMethod),
                                     NOTE("With its prefix length, when fixed"), STRING(address), STRING(gateway));

static SD_VARLINK_DEFINE_STRUCT_TYPE(
    LinkSettings, STRING(name), NAMED(kind, LinkKind),
    NOTE("ethernet: the cards it may be, by MAC. None: any card that no other link names"), STRINGS(cards),
    NOTE("bond, bridge: names of other links"), STRINGS(members), NAMED(bond_mode, BondMode),
    NOTE("vlan: the link it rides on"), MAYBE_STRING(parent), MAYBE_INT(vlan_id), MAYBE_INT(mtu),
    NAMED(ipv4, AddressSettings), NAMED(ipv6, AddressSettings));

static SD_VARLINK_DEFINE_STRUCT_TYPE(NetworkSettings, MANY(links, LinkSettings), STRINGS(dns), STRINGS(search));

static SD_VARLINK_DEFINE_STRUCT_TYPE(LinkFacts, STRING(name), STRING(mac), STRING(driver), BOOL(carrier),
                                     STRINGS(addresses));

static SD_VARLINK_DEFINE_STRUCT_TYPE(NetworkState, NOTE("What the machine comes up with"), NAMED(kept, NetworkSettings),
                                     NOTE("In force, and not confirmed yet"),
                                     SD_VARLINK_DEFINE_FIELD_BY_TYPE(tried, NetworkSettings, SD_VARLINK_NULLABLE),
                                     INT(seconds_left), MANY(links, LinkFacts));

static SD_VARLINK_DEFINE_STRUCT_TYPE(SshSettings, BOOL(enabled), STRINGS(keys));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Slot, NAMED(name, SlotName), STRING(version), BOOL(booted),
                                     NOTE("It came up and passed the health contract"), BOOL(good), INT(tries_left));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Slots, MANY(slots, Slot), NOTE("The one that the next start takes"),
                                     NAMED(next, SlotName));

static SD_VARLINK_DEFINE_STRUCT_TYPE(UpdateProgress, BOOL(running), INT(percent), STRING(step),
                                     NOTE("Of the last run; empty when there was none"), STRING(failure),
                                     NOTE("Being installed, or of the last run"), STRING(version));

static SD_VARLINK_DEFINE_ENUM_TYPE(UpdatePlace, NOTE("A file system on a removable disk"), VALUE(usb),
                                   NOTE("/data/updates"), VALUE(folder));

static SD_VARLINK_DEFINE_STRUCT_TYPE(FoundUpdate, STRING(id), NAMED(place, UpdatePlace), STRING(name), STRING(version),
                                     STRING(board), INT(size_bytes), NOTE("InstallFound would begin"), BOOL(compatible),
                                     NOTE("Why it would not; empty when it would"), STRING(problem));

static SD_VARLINK_DEFINE_STRUCT_TYPE(FieldProblem, NOTE("RFC 6901 JSON pointer into the parameters"), STRING(pointer),
                                     STRING(message));

static SD_VARLINK_DEFINE_ERROR(Failed, NAMED(code, ErrorCode), STRING(slug), STRING(message),
                               MANY(fields, FieldProblem), STRING(context));

static SD_VARLINK_DEFINE_METHOD(Facts, OUT_NAMED(facts, MachineFacts));
static SD_VARLINK_DEFINE_METHOD(SetHostname, IN_STRING(name));
static SD_VARLINK_DEFINE_METHOD(TimeSettingsNow, OUT_NAMED(settings, TimeSettings));
static SD_VARLINK_DEFINE_METHOD(SetTime, IN_STRING(time_zone), IN_BOOL(ntp), IN_STRINGS(ntp_servers),
                                IN_MAYBE_INT(unix_seconds));
static SD_VARLINK_DEFINE_METHOD(Network, OUT_NAMED(network, NetworkState));
static SD_VARLINK_DEFINE_METHOD(TryNetwork, IN_NAMED(settings, NetworkSettings), NOTE("30 to 600 seconds"),
                                IN_INT(confirm_within_s));
static SD_VARLINK_DEFINE_METHOD(ConfirmNetwork);
static SD_VARLINK_DEFINE_METHOD(RevertNetwork);
static SD_VARLINK_DEFINE_METHOD(Ssh, OUT_NAMED(ssh, SshSettings));
static SD_VARLINK_DEFINE_METHOD(SetSsh, IN_BOOL(enabled), NOTE("OpenSSH public keys"), IN_STRINGS(keys));
static SD_VARLINK_DEFINE_METHOD(SlotsNow, OUT_NAMED(slots, Slots));
static SD_VARLINK_DEFINE_METHOD(ChooseSlot, IN_NAMED(slot, SlotName));
static SD_VARLINK_DEFINE_METHOD(InstallUpdate);
static SD_VARLINK_DEFINE_METHOD(Update, OUT_NAMED(update, UpdateProgress));
static SD_VARLINK_DEFINE_METHOD(FindUpdates, SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(updates, FoundUpdate, SD_VARLINK_ARRAY));
static SD_VARLINK_DEFINE_METHOD(InstallFound, NOTE("As FindUpdates told it"), IN_STRING(id));
static SD_VARLINK_DEFINE_METHOD(Power, IN_NAMED(act, PowerAct));
static SD_VARLINK_DEFINE_METHOD(FactoryReset, IN_NAMED(scope, ResetScope), NOTE("The machine's own name"),
                                IN_STRING(confirm));
static SD_VARLINK_DEFINE_METHOD(SupportBundle);

SD_VARLINK_DEFINE_INTERFACE(
    org_berth_Machine, "org.berth.Machine",
    SD_VARLINK_INTERFACE_COMMENT(
        "This machine itself: its name, clock, network, releases. Outside the appliance, calls that change it fail "
        "with unsupported. Every call may be repeated after it succeeded."),
    &vl_type_LinkKind, &vl_type_BondMode, &vl_type_AddressMethod, &vl_type_SlotName, &vl_type_PowerAct,
    &vl_type_ResetScope, SD_VARLINK_SYMBOL_COMMENT("Kinds of failure"), &vl_type_ErrorCode, &vl_type_MachineFacts,
    &vl_type_TimeSettings, &vl_type_AddressSettings,
    SD_VARLINK_SYMBOL_COMMENT("One link that this machine is told to have"), &vl_type_LinkSettings,
    &vl_type_NetworkSettings, SD_VARLINK_SYMBOL_COMMENT("A link as the kernel has it"), &vl_type_LinkFacts,
    &vl_type_NetworkState, SD_VARLINK_SYMBOL_COMMENT("By key alone, never by password"), &vl_type_SshSettings,
    SD_VARLINK_SYMBOL_COMMENT("A place for one release"), &vl_type_Slot, &vl_type_Slots, &vl_type_UpdateProgress,
    &vl_type_UpdatePlace, SD_VARLINK_SYMBOL_COMMENT("A bundle within this machine's reach"), &vl_type_FoundUpdate,
    SD_VARLINK_SYMBOL_COMMENT("A parameter that is not acceptable, and why"), &vl_type_FieldProblem,
    SD_VARLINK_SYMBOL_COMMENT("The one error of this interface"), &vl_error_Failed, &vl_method_Facts,
    &vl_method_SetHostname, &vl_method_TimeSettingsNow, &vl_method_SetTime, &vl_method_Network,
    SD_VARLINK_SYMBOL_COMMENT(
        "In force at once; taken back after confirm_within_s unless confirmed. Fails with conflict while something "
        "else is tried"),
    &vl_method_TryNetwork, SD_VARLINK_SYMBOL_COMMENT("Keeps what is tried. Fails with conflict when nothing is"),
    &vl_method_ConfirmNetwork, &vl_method_RevertNetwork, &vl_method_Ssh, &vl_method_SetSsh, &vl_method_SlotsNow,
    SD_VARLINK_SYMBOL_COMMENT("For the next start. Fails with conflict when the slot is empty"), &vl_method_ChooseSlot,
    SD_VARLINK_SYMBOL_COMMENT(
        "Begins to install the bundle whose descriptor comes with the call. Fails with conflict (one is being "
        "installed), corrupt (not a bundle, or signed by nobody we trust), precondition_failed (another board, or "
        "older), exhausted (no room for its copy)"),
    &vl_method_InstallUpdate, &vl_method_Update,
    SD_VARLINK_SYMBOL_COMMENT("Bundles on removable disks and in /data/updates"), &vl_method_FindUpdates,
    SD_VARLINK_SYMBOL_COMMENT("As InstallUpdate. Fails with not_found besides, when it is not there any more"),
    &vl_method_InstallFound, &vl_method_Power,
    SD_VARLINK_SYMBOL_COMMENT("Takes effect at the restart that it begins. Fails with precondition_failed"),
    &vl_method_FactoryReset,
    SD_VARLINK_SYMBOL_COMMENT("Answers with a descriptor of a compressed tar of logs and settings without secrets"),
    &vl_method_SupportBundle);
