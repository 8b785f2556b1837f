/* dce_rpc_dcom - interfaces of DCOM and WMI (MS-DCOM, MS-OAUT, MS-WMI):
 * operations in order of their numbers, - = none; named as Zeek names them. */
#include "decoders/dce_rpc.h"

const struct dce_interface dce_dcom[] = {
	{ "99fcfec4-5260-101b-bbcb-00aa0021347a", "IObjectExporter",
	  "ResolveOxid SimplePing ComplexPing ServerAlive ResolveOxid2 ServerAlive2" },
	{ "4d9f4ab8-7d1c-11cf-861e-0020af6e7c57", "IActivation", "RemoteActivation" },
	{ "000001a0-0000-0000-c000-000000000046", "IRemoteSCMActivator",
	  "- - - RemoteGetClassObject RemoteCreateInstance" },
	{ "00000131-0000-0000-c000-000000000046", "IRemUnknown", "- - - RemQueryInterface RemAddRef RemRelease" },
	{ "00000143-0000-0000-c000-000000000046", "IRemUnknown2",
	  "- - - RemQueryInterface RemAddRef RemRelease RemQueryInterface2" },
	{ "00020400-0000-0000-c000-000000000046", "IDispatch",
	  "- - - GetTypeInfoCount GetTypeInfo GetIDsOfNames Invoke" },
	{ "00020401-0000-0000-c000-000000000046", "ITypeInfo",
	  "- - - GetTypeAttr GetTypeComp GetFuncDesc GetVarDesc GetNames GetRefTypeOfImplType GetImplTypeFlags "
	  "GetIDsOfNames Invoke GetDocumentation GetDllEntry GetRefTypeInfo AddressOfMember CreateInstance "
	  "GetMops GetContainingTypeLib" },
	{ "f309ad18-d86a-11d0-a075-00c04fb68820", "IWbemLevel1Login",
	  "- - - EstablishPosition RequestChallenge WBEMLogin NTLMLogin" },
	{ "d4781cd6-e5d3-44df-ad94-930efe48a887", "IWbemLoginClientID", "- - - SetClientInfo" },
	{ "9556dc99-828c-11cf-a37e-00aa003240c7", "IWbemServices",
	  "- - - OpenNamespace CancelAsyncCall QueryObjectSink GetObject GetObjectAsync PutClass PutClassAsync "
	  "DeleteClass DeleteClassAsync CreateClassEnum CreateClassEnumAsync PutInstance PutInstanceAsync "
	  "DeleteInstance DeleteInstanceAsync CreateInstanceEnum CreateInstanceEnumAsync ExecQuery "
	  "ExecQueryAsync ExecNotificationQuery ExecNotificationQueryAsync ExecMethod ExecMethodAsync" },
	{ "027947e1-d731-11ce-a357-000000000001", "IEnumWbemClassObject interface",
	  "- - - Reset Next NextAsync Clone Skip" },
	{ "44aca675-e8fc-11d0-a07c-00c04fb68820", "IWbemCallResult interface",
	  "- - - GetResultObject GetResultString GetResultServices GetCallStatus" },
	{ "1c1c45ee-4395-11d2-b60b-00104b703efd", "IWbemFetchSmartEnum interface", "- - - GetSmartEnum" },
	{ "423ec01e-2e35-11d2-b604-00104b703efd", "IWbemWCOSmartEnum interface", "- - - Next" },
	{ "7c857801-7381-11cf-884d-00aa004b2e24", "IWbemObjectSink interface", "- - - Indicate SetStatus" },
	{ "2c9273e0-1dc3-11d3-b364-00105a1f8177", "IWbemRefreshingServices",
	  "- - - AddObjectToRefresher AddObjectToRefresherByTemplate AddEnumToRefresher "
	  "RemoveObjectFromRefresher GetRemoteRefresher ReconnectRemoteRefresher" },
	{ "541679ab-2e5f-11d3-b34e-00104bcc4b4a", "IWbemBackupRestoreEx", "- - - Backup Restore Pause Resume" },
	{ "c49e32c7-bc8b-11d2-85d4-00105a1f8304", "IWbemBackupRestore", "- - - Backup Restore" },
	{ NULL, NULL, NULL }
};
